/**
 * Which scopes to ask for.
 *
 * What the resource demands comes first, else what it lists, else nothing, so that the server's default holds; what the
 * program wants is added. Asking again for more never asks for less. `offline_access` is added to scopes where it is
 * offered, and never asked for alone: a server that is named a scope applies no default.
 */
import { OFFLINE_ACCESS } from "../../protocol/index.ts"

export interface ScopeSources {
  /** What the program was told to ask for. */
  readonly wanted: ReadonlyArray<string>
  /** What the challenge demands. */
  readonly demanded?: ReadonlyArray<string>
  /** What the resource lists. */
  readonly listed?: ReadonlyArray<string>
  /** What the tokens at hand allow: kept in a step-up. */
  readonly held: ReadonlyArray<string>
  /** What the authorization server offers. */
  readonly offered?: ReadonlyArray<string>
}

//= MCP-AUTHZ-client-scope-union
export const scopesToAsk = ({ wanted, demanded, listed, held, offered }: ScopeSources): ReadonlyArray<string> => {
  const chosen = withoutOfflineAccess(wanted)
  const base = demanded ?? (chosen.length > 0 ? [] : (listed ?? []))
  const asked = withoutOfflineAccess([...held, ...chosen, ...base])
  // A server that does not offer it may refuse the whole request for it.
  const isAdded = asked.length > 0 && offered?.includes(OFFLINE_ACCESS) === true
  return isAdded ? [...asked, OFFLINE_ACCESS] : asked
}

/** These scopes, each once, but for the one that opens nothing by itself. */
const withoutOfflineAccess = (scopes: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(scopes)].filter((scope) => scope !== OFFLINE_ACCESS)

/** Whether they open anything: `offline_access` alone says only for how long. */
export const hasAccess = (scopes: ReadonlyArray<string>): boolean => withoutOfflineAccess(scopes).length > 0

export const scopesOf = (scope: string | undefined): ReadonlyArray<string> =>
  (scope ?? "").split(/\s+/).filter((one) => one !== "")

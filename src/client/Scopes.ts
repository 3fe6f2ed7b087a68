/**
 * Which scopes to ask for.
 *
 * What the resource demands comes first, else what it lists, else nothing, so that the server's default holds; what the
 * program wants is added. Asking again for more never asks for less.
 */
export interface ScopeWish {
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
export const scopesToAsk = ({ wanted, demanded, listed, held, offered }: ScopeWish): ReadonlyArray<string> => {
  const base = demanded ?? (wanted.length > 0 ? [] : (listed ?? []))
  const asked = new Set([...held, ...wanted, ...base])
  // A server that does not offer it may refuse the whole request for it.
  asked.delete("offline_access")
  return offered?.includes("offline_access") === true ? [...asked, "offline_access"] : [...asked]
}

export const scopesOf = (scope: string | undefined): ReadonlyArray<string> =>
  (scope ?? "").split(/\s+/).filter((one) => one !== "")

/** Whether these scopes are among those. */
export const isWithin = (scopes: ReadonlyArray<string>, all: ReadonlyArray<string>): boolean =>
  scopes.every((scope) => all.includes(scope))

/**
 * Showing a provider what it never handed out as that, in every way that one forgery has, at once: is any of it taken?
 *
 * However it says no to what is none of its own, it is no; and whoever is asked is the client that it would be of, with
 * what is right for the latest code.
 */
import type { OAuthClientInformationFull, OAuthProvider } from "../../../src/provider/index.ts"
import type { Operation, Ref, Reply } from "../../Operation.ts"
import { madeUp } from "../../Secrets.ts"
import { forged, type Forgery } from "./Forgery.ts"

type Kind = "code" | "access" | "refresh"

/** What there is to forge from, and to show it to. */
export interface Forging {
  readonly provider: () => OAuthProvider
  readonly clientAt: (ref: Ref) => OAuthClientInformationFull
  /** What was handed out, the latest last; and what goes with each code. */
  readonly textsOf: (kind: Kind | "verifier" | "redirectUri") => ReadonlyArray<string>
  readonly idToken: () => string | undefined
  /** Takes down what an exchange gave for a record. */
  readonly tokens: (given: unknown, record: unknown) => Promise<Reply>
}

const isTaken = ({ _tag }: Reply): boolean => _tag === "Active" || _tag === "Tokens"

export const forgerOn = ({ provider, clientAt, textsOf, idToken, tokens }: Forging) => {
  const refused: Reply = { _tag: "Refused", error: "invalid_grant" }
  const inactive: Reply = { _tag: "Inactive" }

  const verify = async (text: string): Promise<Reply> => {
    const isKnown = (await provider().verifyToken(text)) || (await provider().loadAccessToken(text))
    // Whose it is said to be is of no account: nobody was given it.
    const life = { client: 0, subject: null, scopes: [], resources: [], expiresAt: Infinity }
    return isKnown ? { _tag: "Active", ...life } : inactive
  }
  const refresh = async (by: Ref, text: string): Promise<Reply> => {
    const record = await provider().loadRefreshToken(clientAt(by), text)
    return record
      ? tokens(await provider().exchangeRefreshToken(clientAt(by), record, record.scopes), record)
      : refused
  }
  const redeem = async (by: Ref, isProven: boolean, text: string): Promise<Reply> => {
    const record = await provider().loadAuthorizationCode(clientAt(by), text)
    if (!record) return refused
    const [verifier, redirectUri] = [textsOf("verifier").at(-1), textsOf("redirectUri").at(-1)]
    const proof = {
      ...(verifier === undefined || !isProven ? {} : { codeVerifier: verifier }),
      ...(redirectUri === undefined ? {} : { redirectUri }),
    }
    return tokens(await provider().exchangeAuthorizationCode(clientAt(by), record, proof), record)
  }

  const show = async (name: Forgery, kind: Kind, present: (text: string) => Promise<Reply>): Promise<Reply> => {
    const latest = (of: Kind) => textsOf(of).at(-1)
    const handed = { access: latest("access"), refresh: latest("refresh"), code: latest("code"), idToken: idToken() }
    const no = kind === "access" ? inactive : refused
    const shown = (texts: ReadonlyArray<string>) => Promise.all(texts.map((text) => present(text).catch(() => no)))
    const { texts, spellings } = forged(name, latest(kind), handed, (text) => textsOf(kind).includes(text))
    if ((await shown(spellings)).some(isTaken)) return no
    return (await shown(texts.length > 0 ? texts : [madeUp()])).find(isTaken) ?? no
  }

  return (operation: Operation, name: Forgery): Promise<Reply> => {
    switch (operation._tag) {
      case "Verify":
        return show(name, "access", verify)
      case "Refresh":
        return show(name, "refresh", (text) => refresh(operation.by, text))
      case "Redeem":
        return show(name, "code", (text) => redeem(operation.by, operation.verifier === "right", text))
      default:
        return Promise.resolve(refused)
    }
  }
}

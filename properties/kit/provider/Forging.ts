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

  const load = {
    access: async (_: Ref, text: string) => (await provider().verifyToken(text)) || provider().loadAccessToken(text),
    refresh: (by: Ref, text: string) => provider().loadRefreshToken(clientAt(by), text),
    code: (by: Ref, text: string) => provider().loadAuthorizationCode(clientAt(by), text),
  }
  const verify = async (text: string): Promise<Reply> => {
    // Whose it is said to be is of no account: nobody was given it.
    const life = { client: 0, subject: null, scopes: [], resources: [], expiresAt: Infinity }
    return (await load.access(0, text)) ? { _tag: "Active", ...life } : inactive
  }
  const refresh = async (by: Ref, text: string): Promise<Reply> => {
    const record = await load.refresh(by, text)
    return record ? tokens(await provider().exchangeRefreshToken(clientAt(by), record, record.scopes), record) : refused
  }
  const redeem = async (by: Ref, isProven: boolean, text: string): Promise<Reply> => {
    const record = await load.code(by, text)
    if (!record) return refused
    const [verifier, redirectUri] = [textsOf("verifier").at(-1), textsOf("redirectUri").at(-1)]
    const proof = {
      ...(verifier === undefined || !isProven ? {} : { codeVerifier: verifier }),
      ...(redirectUri === undefined ? {} : { redirectUri }),
    }
    return tokens(await provider().exchangeAuthorizationCode(clientAt(by), record, proof), record)
  }

  const show = async (
    name: Forgery,
    kind: Kind,
    by: Ref,
    present: (text: string) => Promise<Reply>,
  ): Promise<Reply> => {
    const latest = (of: Kind) => textsOf(of).at(-1)
    const handed = { access: latest("access"), refresh: latest("refresh"), code: latest("code"), idToken: idToken() }
    const no = kind === "access" ? inactive : refused
    const { texts, spellings } = forged(name, latest(kind), handed, (text) => textsOf(kind).includes(text))
    const isRead = async (text: string): Promise<boolean> => Boolean(await load[kind](by, text))
    const read = await Promise.all(spellings.map((text) => isRead(text).catch(() => false)))
    if (read.includes(true)) return no
    const shown = texts.length > 0 ? texts : [madeUp()]
    const replies = await Promise.all(shown.map((text) => present(text).catch(() => no)))
    return replies.find(isTaken) ?? no
  }

  return (operation: Operation, name: Forgery): Promise<Reply> => {
    switch (operation._tag) {
      case "Verify":
        return show(name, "access", 0, verify)
      case "Refresh":
        return show(name, "refresh", operation.by, (text) => refresh(operation.by, text))
      case "Redeem":
        return show(name, "code", operation.by, (text) => redeem(operation.by, operation.verifier === "right", text))
      default:
        return Promise.resolve(refused)
    }
  }
}

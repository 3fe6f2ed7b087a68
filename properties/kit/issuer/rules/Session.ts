/** What a client has that logged in by the rules: the form that redeems its code, and the tokens that came of one. */
import { NotTried } from "../../judging/Obstacles.ts"
import { authMethodsOf, textMember } from "../Discovery.ts"
import type { Issuer } from "../Issuer.ts"
import type { WireClient } from "../Registration.ts"
import { formRequest, type Pair } from "../Requests.ts"
import { hasTokens, tell } from "../Telling.ts"
import { codeFor } from "./Rule.ts"

export interface RuleSession {
  readonly access: string
  /** `undefined` where the server gives none. */
  readonly refresh: string | undefined
}

export const scopesOf = ({ scopes }: Issuer): ReadonlyArray<string> => scopes.slice(0, 1)

/** The form that redeems a fresh code of `client`. */
export const redemptionOf = async (issuer: Issuer, client: WireClient): Promise<ReadonlyArray<Pair>> => {
  const { code, verifier } = await codeFor(issuer, { client, scopes: scopesOf(issuer) })
  return [
    ["grant_type", "authorization_code"],
    ["code", code],
    ["redirect_uri", client.redirectUri],
    ["code_verifier", verifier],
  ]
}

export const refreshForm = (token: string): ReadonlyArray<Pair> => [
  ["grant_type", "refresh_token"],
  ["refresh_token", token],
]

/** A login of `client` to its tokens, or the rule cannot be tried. */
export const sessionOf = async (issuer: Issuer, client: WireClient): Promise<RuleSession> => {
  const form = await redemptionOf(issuer, client)
  const answer = await issuer.wire.send(formRequest(issuer.metadata.tokenEndpoint, client, form))
  if (!hasTokens(answer)) throw new NotTried(`a login led to no tokens: ${tell(answer)}`)
  return { access: String(answer.body["access_token"]), refresh: textMember(answer.body, "refresh_token") }
}

export const kindOf = ({ secret }: WireClient): string => (secret === undefined ? "public" : "confidential")

/** One client of each kind that there is. */
export const oneOfEachKind = ({ clients }: Issuer): ReadonlyArray<WireClient> =>
  clients.filter((client, index) => clients.findIndex((other) => kindOf(other) === kindOf(client)) === index)

/** Servers that say that they take no Basic are not asked for it: OAuth 2.1 leaves it to them. */
export const requireBasic = ({ metadata }: Issuer, { method }: WireClient): void => {
  const methods = authMethodsOf(metadata)
  if (methods.length > 0 && !methods.includes("client_secret_basic")) {
    throw new NotTried("the metadata names other ways to authenticate than Basic")
  }
  if (method !== "client_secret_basic") throw new NotTried("the client is registered to show its secret in the body")
}

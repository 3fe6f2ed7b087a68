/**
 * Rules of access tokens that are JWTs and say so (RFC 9068): what stands in them, who signed it, and that nothing else
 * passes for one where tokens are looked at.
 *
 * A server says of itself nowhere that its tokens follow the document; their `typ` does. Tokens without it may be anything
 * that server and resource agree on, and are left alone.
 */
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { createLocalJWKSet } from "jose/jwks/local"
import { decodeJwt } from "jose/jwt/decode"
import { jwtVerify } from "jose/jwt/verify"
import type { JSONWebKeySet } from "jose"
import { NotTried } from "../../judging/Obstacles.ts"
import { textMember } from "../Discovery.ts"
import type { Issuer } from "../Issuer.ts"
import type { WireClient } from "../Registration.ts"
import { formRequest } from "../Requests.ts"
import { hasTokens, tell } from "../Telling.ts"
import type { Finding, Rule } from "./Rule.ts"
import { redemptionOf } from "./Session.ts"

interface Jwt {
  readonly client: WireClient
  readonly token: string
  readonly claims: Readonly<Record<string, unknown>>
  /** What came with it that says who signed in, where that is a JWT too. */
  readonly idToken: string | undefined
}

const typOf = (token: string): string | undefined => {
  try {
    return decodeProtectedHeader(token)
      .typ?.toLowerCase()
      .replace(/^application\//, "")
  } catch {
    return undefined
  }
}

/** A token of that kind, or the rules cannot be tried. */
const jwtOf = async (issuer: Issuer): Promise<Jwt> => {
  const [client] = issuer.clients
  if (client === undefined) throw new NotTried("there is no client")
  const form = await redemptionOf(issuer, client)
  const answer = await issuer.wire.send(formRequest(issuer.metadata.tokenEndpoint, client, form))
  if (!hasTokens(answer)) throw new NotTried(`a login led to no tokens: ${tell(answer)}`)
  const token = String(answer.body["access_token"])
  if (typOf(token) !== "at+jwt") throw new NotTried("access tokens do not say of themselves that they follow RFC 9068")
  await issuer.liveness.learn(client, token)
  return { client, token, claims: decodeJwt(token), idToken: textMember(answer.body, "id_token") }
}

const required = ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"]

const finding = (text: string, expected: string, observed: string): Finding => ({
  text,
  expected,
  observed,
  isKept: expected === observed,
})

/** Whether the keys that the server publishes verify it. */
const verified = async ({ wire, metadata }: Issuer, token: string): Promise<string> => {
  const uri = textMember(metadata.members, "jwks_uri")
  if (uri === undefined) return "no jwks_uri"
  const { text } = await wire.send({ method: "GET", url: uri })
  try {
    await jwtVerify(token, createLocalJWKSet(JSON.parse(text) as JSONWebKeySet))
    return "verified"
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")

/** What looks like the token and is none: changed, and signed by nobody. */
const forged = (token: string): ReadonlyArray<readonly [text: string, token: string]> => {
  const [header = "", payload = "", signature = ""] = token.split(".")
  const claims = decodeJwt(token)
  const damaged = (signature.startsWith("A") ? "B" : "A") + signature.slice(1)
  const other = part({ ...claims, scope: `${String(claims["scope"] ?? "")} admin`.trim() })
  return [
    ["an access token with a damaged signature", `${header}.${payload}.${damaged}`],
    ["an access token with another scope in it", `${header}.${other}.${signature}`],
    ["an access token without a signature", `${part({ typ: "at+jwt", alg: "none" })}.${payload}.`],
  ]
}

const isDead = async ({ liveness }: Issuer, client: WireClient, text: string, token: string): Promise<Finding> => {
  const { isAlive, exchange } = await liveness.look(client, token)
  return {
    text: `${text} is shown`,
    request: exchange.request,
    expected: "not alive",
    observed: isAlive ? `alive: ${exchange.answer}` : "not alive",
    isKept: !isAlive,
  }
}

const requireLook = ({ liveness }: Issuer, { client, token }: Jwt): void => {
  if (!liveness.canLook(client, token)) throw new NotTried("nothing here tells whether such a token is alive")
}

export const jwtRules: ReadonlyArray<Rule> = [
  {
    id: "RFC9068-2.2-required-claims",
    check: async (issuer) => {
      const { token, claims } = await jwtOf(issuer)
      const missing = required.filter((name) => claims[name] === undefined)
      const seconds = Date.now() / 1000
      const isOfItsTime = Number(claims["iat"]) <= seconds + 60 && Number(claims["exp"]) > seconds
      return [
        finding("a JWT access token has its claims", "all", missing.length === 0 ? "all" : `not ${missing.join(", ")}`),
        finding("it is of the issuer", issuer.metadata.issuer, String(claims["iss"])),
        finding(
          "it is of its time",
          "iat before now and exp behind",
          isOfItsTime ? "iat before now and exp behind" : "not so",
        ),
        finding("it is signed by a key at jwks_uri", "verified", await verified(issuer, token)),
      ]
    },
  },
  {
    id: "RFC9068-3-default-aud",
    check: async (issuer) => {
      const { claims } = await jwtOf(issuer)
      const [resource] = issuer.resources
      const audience = [claims["aud"] ?? []].flat().map(String)
      const isNamed = resource === undefined ? audience.length > 0 : audience.includes(resource)
      const expected = resource ?? "some resource"
      const observed = isNamed ? expected : audience.join(", ") || "nobody"
      return [finding("a JWT access token is for the resource that was asked for", expected, observed)]
    },
  },
  {
    id: "RFC9068-4-rs-iss-aud-sig-exp",
    check: async (issuer) => {
      const jwt = await jwtOf(issuer)
      requireLook(issuer, jwt)
      const findings: Array<Finding> = []
      for (const [text, token] of forged(jwt.token)) findings.push(await isDead(issuer, jwt.client, text, token))
      return findings
    },
  },
  {
    id: "RFC9068-4-rs-typ",
    check: async (issuer) => {
      const jwt = await jwtOf(issuer)
      const { client, token, idToken } = jwt
      requireLook(issuer, jwt)
      if (idToken === undefined) throw new NotTried("the server gives no other JWT to a client than access tokens")
      const { isAlive } = await issuer.liveness.look(client, token)
      if (!isAlive) throw new NotTried("the access token that came with it is not alive")
      return [await isDead(issuer, client, "an ID token in place of an access token", idToken)]
    },
  },
]

/**
 * A JWT access token that is asked about: which token of the log it says to be, and what can be checked of that.
 *
 * Anybody can write down a JWT. So it is read and not believed: what it says is held against what the log says of the token
 * that its `jti` names, and whether a key of the server signed it is told beside it, by whoever has the keys. The JWT
 * itself is not kept.
 */
import { introspectionOf, type Event } from "../../core/index.ts"
import type { StateAt } from "./StateAt.ts"

/**
 * Whether a key of the server signed it: by its signature; `not checked` where the keys are not at hand, or its key is not
 * kept any more.
 */
export type JwtSignature = "verified" | "wrong" | "by a compromised key" | "not checked"

/** What is known of a JWT that was asked about. */
export interface JwtChecked {
  /** The key that its header names; `null` where it names none. */
  readonly kid: string | null
  /** Whether a key of the server signed it. */
  readonly signature: JwtSignature
  /** Claims that are not what the log says of that token. */
  readonly differing: ReadonlyArray<string>
}

/** A JWT as it was read. */
export interface PresentedJwt extends Pick<JwtChecked, "kid" | "signature"> {
  /** The token that its `jti` names. */
  readonly named: { readonly grantId: string; readonly digest: string }
  /** The claims that the log has a word on, each as JSON in one order. */
  readonly claims: Readonly<Record<string, string | undefined>>
}

/** What the log says of a token, by the names of RFC 9068 2.2, RFC 8693 4 and RFC 9396 9.1. */
const compared = [
  "iss",
  "sub",
  "client_id",
  "aud",
  "iat",
  "exp",
  "scope",
  "authorization_details",
  "cnf",
  "act",
  "may_act",
] as const

const JTI = /^([0-9A-Za-z]{22})\.([\w-]{43})$/

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const partIn = (part: string | undefined): Readonly<Record<string, unknown>> | undefined => {
  try {
    const said: unknown = JSON.parse(Buffer.from(part ?? "", "base64url").toString())
    return isObject(said) ? said : undefined
  } catch {
    return undefined
  }
}

/** One text for one value, whatever the order of its members. */
const textOf = (value: unknown): string | undefined =>
  JSON.stringify(value, (_, inner: unknown) =>
    isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1))) : inner,
  )

const textsOf = (said: Readonly<Record<string, unknown>>): PresentedJwt["claims"] =>
  Object.fromEntries(compared.map((name) => [name, textOf(said[name])]))

/** What a text says, if it is a JWT that names a token of a log; its signature is not looked at. */
export const readPresentedJwt = (text: string): PresentedJwt | undefined => {
  const parts = text.split(".")
  const [header, claims] = [partIn(parts[0]), partIn(parts[1])]
  const [, grantId, digest] = JTI.exec(String(claims?.["jti"])) ?? []
  if (parts.length !== 3 || header === undefined || claims === undefined) return undefined
  if (grantId === undefined || digest === undefined) return undefined
  const { kid } = header
  return {
    named: { grantId, digest },
    kid: typeof kid === "string" ? kid : null,
    signature: "not checked",
    claims: textsOf(claims),
  }
}

/** What was checked of a JWT, by the entry that issued the token which it names; `undefined` for what is no access token. */
export const checkJwt = (
  { state: { issuer }, opened }: StateAt,
  issued: Event,
  { kid, signature, claims }: PresentedJwt,
): JwtChecked | undefined => {
  if (issued._tag !== "AccessTokenIssued" || opened === undefined || issuer._tag !== "Initialized") return undefined
  // A JWT says what introspection does, but that a client is its own subject there (RFC 9068 2.2).
  const logged = textsOf({ sub: opened.clientId, ...introspectionOf("access", issuer.issuer, opened, issued) })
  return { kid, signature, differing: compared.filter((name) => claims[name] !== logged[name]) }
}

/** Whether it can be the token that it names: it says what the log says, and no key of the server proves it wrong. */
export const isCredible = ({ signature, differing }: JwtChecked): boolean =>
  differing.length === 0 && signature !== "wrong"

/** What was checked, in a sentence without a period. */
export const jwtSentence = ({ kid, signature, differing }: JwtChecked): string => {
  const key = kid === null ? "no key that it names" : `the key ${kid}`
  const bySignature = {
    verified: `it was signed by ${key} of this server`,
    wrong: `its signature is not by ${key} of this server`,
    "by a compromised key": `it was signed by ${key}, which is compromised, so that it is refused whatever the log says of its token`,
    "not checked": `its signature was not checked, for ${key} is not at hand`,
  }[signature]
  const claims =
    differing.length === 0
      ? "what it says is what the log says"
      : `it says otherwise than the log of ${differing.join(", ")}`
  return `a JWT: ${bySignature}; ${claims}`
}

/**
 * What a client assertion says, judged by itself: a JWT by which a client says who it is (RFC 7523 3).
 *
 * What is wrong with it is told in a sentence, for all of that is the caller's own. Whose it really is, and whether it is
 * used for the first time, is not known here: nobody is to learn anything of a client from a refusal.
 */
import { decodeProtectedHeader } from "jose/decode/protected_header"
import { decodeJwt } from "jose/jwt/decode"
import { oauthError, type OAuthError } from "../../OAuthError.ts"

/** How long an assertion may live at most, in seconds; for so long what it used up is remembered. */
export const MAX_LIFETIME_SECONDS = 3600
/** How far the clocks of client and server may be apart, in seconds. */
export const CLOCK_SKEW_SECONDS = 30
const MAX_JTI_CHARACTERS = 256

/** The types that a JWT of this kind may have; one without says nothing. */
const types: ReadonlyArray<unknown> = [undefined, "client-authentication+jwt", "jwt"]

/** Who says to be whom; `usableUntil` is in seconds since the epoch. */
export interface ClientAssertion {
  readonly clientId: string
  readonly jti: string
  readonly algorithm: string
  readonly usableUntil: number
}

export interface AssertionTerms {
  readonly issuer: string
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly algorithms: ReadonlyArray<string>
  readonly isAudienceString: boolean
}

interface Decoded {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

const decoded = (jwt: string): Decoded | undefined => {
  try {
    return { header: decodeProtectedHeader(jwt), claims: decodeJwt(jwt) }
  } catch {
    return undefined
  }
}

const isMoment = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value)

const invalid = (sentence: string): OAuthError => oauthError("invalid_client", `the client assertion ${sentence}`)

const typeOf = ({ typ }: Decoded["header"]): unknown =>
  typeof typ === "string" ? typ.toLowerCase().replace(/^application\//, "") : typ

/** Whether it is for this issuer and nobody else: by its identifier, not by the address of an endpoint. */
//= RFC10070-4-aud-issuer-only
//= OAUTH21-2.4-aud-follows-rfc10070
const isForIssuer = (audience: unknown, { issuer, isAudienceString }: AssertionTerms): boolean =>
  audience === issuer ||
  (!isAudienceString && Array.isArray(audience) && audience.length === 1 && audience[0] === issuer)

/** What is wrong with the moments in it, as the end of a sentence. */
//= FAPI2-5.3.2-clock-skew
const faultInTime = ({ exp, iat, nbf }: Decoded["claims"], nowSeconds: number): string | undefined => {
  if (!isMoment(exp)) return "has no exp"
  if (nowSeconds >= exp + CLOCK_SKEW_SECONDS) return "has expired: make a new one for every request"
  const latest = nowSeconds + CLOCK_SKEW_SECONDS
  for (const moment of [iat, nbf]) {
    if (moment === undefined) continue
    if (!isMoment(moment)) return "has an iat or nbf that is no number of seconds"
    if (moment > latest) return "is from the future by its iat or nbf: set the clock"
  }
  const isTooLong = exp > latest + MAX_LIFETIME_SECONDS || (isMoment(iat) && exp - iat > MAX_LIFETIME_SECONDS)
  return isTooLong ? `lives longer than ${MAX_LIFETIME_SECONDS} seconds by its exp` : undefined
}

/** What an assertion claims, if it can be true; else what is wrong with it. */
//= RFC7523-3-jwt-claims
export const readAssertion = (jwt: string, terms: AssertionTerms): ClientAssertion | OAuthError => {
  const { header, claims } = decoded(jwt) ?? {}
  if (header === undefined || claims === undefined) return invalid("is no signed JWT")
  const { alg } = header
  const algorithm = terms.algorithms.find((one) => one === alg)
  if (algorithm === undefined) return invalid(`has another alg than ${terms.algorithms.join(", ")}`)
  //= RFC8725-3.12-exclusive-validation
  if (!types.includes(typeOf(header))) return invalid("has the typ of another kind of JWT")
  const { iss, sub, aud, jti } = claims
  if (typeof iss !== "string" || iss === "" || sub !== iss) return invalid("does not have the client id as iss and sub")
  if (!isForIssuer(aud, terms)) {
    const form = terms.isAudienceString ? "as a string" : "alone"
    return invalid(`does not have the issuer \`${terms.issuer}\` ${form} as aud`)
  }
  const fault = faultInTime(claims, terms.now / 1000)
  if (fault !== undefined) return invalid(fault)
  if (typeof jti !== "string" || jti === "" || jti.length > MAX_JTI_CHARACTERS) {
    return invalid(`has no jti of at most ${MAX_JTI_CHARACTERS} characters`)
  }
  return { clientId: iss, jti, algorithm, usableUntil: Number(claims["exp"]) + CLOCK_SKEW_SECONDS }
}

/**
 * JWTs of another issuer that the operator trusts: whose they are, and whether they are genuine and of their time.
 *
 * What a token says is believed of an issuer that is named here, under a key of that issuer alone, and of no other. Its
 * keys are read where the operator said, by the one guarded reader (`outbound/Documents.ts`), believed for ten minutes at
 * most, and read again for a key that is not among them, at most twice a minute. Keys that cannot be had are an outage, and
 * no opinion about the token.
 */
import * as errors from "jose/errors"
import { createLocalJWKSet } from "jose/jwks/local"
import { decodeJwt } from "jose/jwt/decode"
import { jwtVerify } from "jose/jwt/verify"
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from "jose"
import { DocumentFault, documentReader, makeGuard, type Reading } from "../../../outbound/index.ts"
import { issuerFault } from "../../Config.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import { unavailable } from "../../OAuthError.ts"

/** An issuer whose tokens are taken for what they say. */
export interface TrustedIssuer {
  /** As it stands in `iss`, to the letter: https, or http on this machine. */
  readonly issuer: string
  /** Where its keys are; by default where its metadata says (OpenID Connect Discovery 4, RFC 8414). */
  readonly jwksUri?: string
  /** Its keys themselves, in place of an address. */
  readonly jwks?: JSONWebKeySet
  /** Algorithms that it may sign with; default ES256, ES384, EdDSA, PS256 and RS256. */
  readonly algorithms?: ReadonlyArray<string>
  /** Clients of this server that may bring its tokens; all by default. */
  readonly clients?: ReadonlyArray<string>
  /** Whom tokens have to be for that are presented for another; default this server. An ID token is for its client there. */
  readonly audiences?: ReadonlyArray<string>
  /** The tenant that its tokens have to name, where several share the issuer. */
  readonly tenant?: string
}

/** What a genuine token says, with its header. */
export interface VerifiedJwt {
  readonly trusted: TrustedIssuer
  readonly typ: string | undefined
  readonly claims: JWTPayload & { readonly iss: string; readonly sub: string; readonly exp: number }
}

/** How far the clock of another issuer may be off. */
export const MAX_SKEW_SECONDS = 10

const MAX_BYTES = 262_144
const BELIEVED_MILLIS = 600_000
const PAUSE_MILLIS = 30_000
const ASYMMETRIC: ReadonlyArray<string> = ["ES256", "ES384", "EdDSA", "PS256", "RS256"]

export interface TrustedIssuers {
  /** The token, if one of these issued it and it is good `now` (milliseconds since the epoch); else what is wrong with it. */
  readonly verify: (token: string, now: number) => Promise<VerifiedJwt | { readonly fault: string }>
}

const refuse = (message: string): never => {
  throw new ConfigFault({ message })
}

const checked = (trusted: TrustedIssuer): TrustedIssuer => {
  const { issuer, jwksUri, jwks, algorithms = [] } = trusted
  const fault = issuerFault(issuer)
  if (fault !== undefined) refuse(`the trusted issuer \`${issuer}\` ${fault}`)
  if (jwksUri !== undefined && jwks !== undefined)
    refuse(`the trusted issuer \`${issuer}\` has both keys and an address`)
  const addressFault = jwksUri === undefined ? undefined : issuerFault(jwksUri)
  if (addressFault !== undefined) refuse(`the keys of the trusted issuer \`${issuer}\`: \`${jwksUri}\` ${addressFault}`)
  const weak = algorithms.find((one) => one === "none" || one.startsWith("HS"))
  if (weak !== undefined)
    refuse(`the trusted issuer \`${issuer}\` may not sign with \`${weak}\`: name one with a public key`)
  return trusted
}

/** Throws a {@link ConfigFault} for what cannot be trusted. */
export const trustedIssuers = (list: ReadonlyArray<TrustedIssuer>): TrustedIssuers => {
  const known = new Map(list.map((trusted) => [trusted.issuer, { trusted: checked(trusted), keys: keysOf(trusted) }]))
  if (known.size < list.length) refuse("a trusted issuer is named twice")
  return {
    verify: async (token, now) => {
      const said = readUnverified(() => decodeJwt(token).iss)
      const issuer = said === undefined ? undefined : known.get(said)
      if (issuer === undefined) return { fault: "it is no JWT of an issuer that is trusted here" }
      const { trusted, keys } = issuer
      try {
        const { payload, protectedHeader } = await jwtVerify(token, keys(now), {
          issuer: trusted.issuer,
          algorithms: [...(trusted.algorithms ?? ASYMMETRIC)],
          requiredClaims: ["sub", "exp"],
          currentDate: new Date(now),
          clockTolerance: MAX_SKEW_SECONDS,
        })
        if (trusted.tenant !== undefined && payload["tenant"] !== trusted.tenant)
          return { fault: "it is of another tenant" }
        if (typeof payload.sub !== "string" || payload.sub === "") return { fault: "sub names nobody" }
        return { trusted, typ: protectedHeader.typ, claims: payload as VerifiedJwt["claims"] }
      } catch (cause) {
        if (cause instanceof errors.JWTExpired) return { fault: "it has expired" }
        if (cause instanceof errors.JWTClaimValidationFailed) return { fault: `${cause.claim} is not as it should be` }
        if (isAboutTheToken(cause)) return { fault: "its signature is not by a key of its issuer" }
        throw unavailable(`the keys of the trusted issuer \`${trusted.issuer}\` cannot be fetched`, 5, cause)
      }
    },
  }
}

const readUnverified = (read: () => string | undefined): string | undefined => {
  try {
    return read()
  } catch {
    return undefined
  }
}

const isAboutTheToken = (cause: unknown): boolean =>
  [
    errors.JWSInvalid,
    errors.JWTInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
  ].some((one) => cause instanceof one)

/** The keys of an issuer as `jose` asks for them, wherever they are. */
const keysOf = ({ issuer, jwks, jwksUri }: TrustedIssuer): ((now: number) => JWTVerifyGetKey) => {
  if (jwks !== undefined) return () => async (header, token) => (await keySetOf(jwks))(header, token)
  const also = jwksUri === undefined ? [] : [new URL(jwksUri)]
  // The operator named both; where a document leads is another matter.
  const guard = makeGuard({ target: new URL(issuer), also, namedReach: "local" })
  const readKeys = documentReader<Promise<JWTVerifyGetKey>>({ guard, maxBytes: MAX_BYTES })
  const readMetadata = documentReader<string>({ guard, maxBytes: MAX_BYTES })
  const parseKeys: Reading<Promise<JWTVerifyGetKey>>["parse"] = ({ text }) => keySetOf(JSON.parse(text))
  const readAt = async (now: number, since: number) => {
    const asked = { now, isKnown: true }
    const address = jwksUri ?? (await discovered(issuer, (place, parse) => readMetadata(place, { ...asked, parse })))
    return readKeys(address, { ...asked, since, parse: parseKeys })
  }
  return (now) => async (header, token) => {
    const known = await readAt(now, now - BELIEVED_MILLIS + 1)
    try {
      return await known(header, token)
    } catch (cause) {
      if (!(cause instanceof errors.JWKSNoMatchingKey)) throw cause
      const fresh = await readAt(now, now - PAUSE_MILLIS + 1)
      return fresh(header, token)
    }
  }
}

/** Rejects where they are no keys, as reading them does. */
const keySetOf = async (jwks: JSONWebKeySet): Promise<JWTVerifyGetKey> => createLocalJWKSet(jwks)

type ReadMetadata = (place: string, parse: (document: { readonly text: string }) => string) => Promise<string>

/** Where the metadata of an issuer says that its keys are. */
const discovered = async (issuer: string, read: ReadMetadata): Promise<string> => {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, "")
  const places = [
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}/.well-known/oauth-authorization-server${path}`,
  ]
  const parse = ({ text }: { readonly text: string }): string => {
    const { issuer: named, jwks_uri: jwksUri } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (named === issuer && typeof jwksUri === "string" && issuerFault(jwksUri) === undefined) return jwksUri
    throw new Error("it does not name the issuer, and where its keys are")
  }
  let fault: unknown
  for (const place of places) {
    try {
      return await read(place, parse)
    } catch (cause) {
      if (!(cause instanceof DocumentFault)) throw cause
      fault ??= cause
    }
  }
  throw fault
}

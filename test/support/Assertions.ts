/** Clients that prove themselves by assertions: their keys, and what they sign. */
import { randomUUID } from "node:crypto"
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK, type JWTPayload } from "jose"
import { ISSUER } from "./TestServer.ts"

export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

/** A pair of keys: what the client signs with, and what it publishes. */
export interface SigningKey {
  readonly alg: string
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export const newSigningKey = async (alg = "ES256", kid?: string): Promise<SigningKey> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, privateKey, jwk: { ...(await exportJWK(publicKey)), ...(kid === undefined ? {} : { kid }) } }
}

export interface Signed {
  readonly clientId: string
  readonly key: SigningKey
  /** Milliseconds since the epoch. */
  readonly now: number
  /** Claims in place of the usual ones; `undefined` leaves one out. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Members of the header besides `alg`. */
  readonly header?: Readonly<Record<string, unknown>>
}

/** An assertion as the documents want it, but for what is said otherwise. */
export const assertionOf = ({ clientId, key, now, claims = {}, header = {} }: Signed): Promise<string> => {
  const seconds = Math.floor(now / 1000)
  const usual = { iss: clientId, sub: clientId, aud: ISSUER, jti: randomUUID(), iat: seconds, exp: seconds + 60 }
  const said = Object.fromEntries(Object.entries({ ...usual, ...claims }).filter(([, value]) => value !== undefined))
  const kid = key.jwk.kid === undefined ? {} : { kid: key.jwk.kid }
  return new SignJWT(said as JWTPayload)
    .setProtectedHeader({ alg: key.alg, typ: "client-authentication+jwt", ...kid, ...header })
    .sign(key.privateKey)
}

/** The parameters that an assertion comes in. */
export const assertionForm = (assertion: string) => ({
  client_assertion_type: ASSERTION_TYPE,
  client_assertion: assertion,
})

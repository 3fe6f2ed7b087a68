/** A key of a client's and the proofs that it makes (RFC 9449 4.2), right ones and, for who asks, wrong ones. */
import { hash, randomUUID } from "node:crypto"
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK, type JWTHeaderParameters } from "jose"
import { START_MILLIS } from "./ManualClock.ts"

/** What differs from a right proof. */
export interface Oddity {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  /** The key that signs, where it is not the one in the header. */
  readonly signer?: DpopKey
}

export interface DpopKey {
  readonly jkt: string
  readonly publicJwk: JWK
  readonly privateJwk: JWK
  readonly privateKey: CryptoKey
  /** A proof for a request; `now`: milliseconds since the epoch. */
  readonly proof: (
    method: string,
    url: string,
    more?: Oddity & { readonly token?: string; readonly nonce?: string; readonly now?: number },
  ) => Promise<string>
}

export const newDpopKey = async (alg = "ES256", options: Parameters<typeof generateKeyPair>[1] = {}) => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true, ...options })
  const [publicJwk, privateJwk] = [await exportJWK(publicKey), await exportJWK(privateKey)]
  const made: DpopKey = {
    jkt: await calculateJwkThumbprint(publicJwk),
    publicJwk,
    privateJwk,
    privateKey,
    proof: (method, url, { token, nonce, now = START_MILLIS, header, claims, signer = made } = {}) =>
      new SignJWT({
        jti: randomUUID(),
        htm: method,
        htu: url,
        iat: Math.floor(now / 1000),
        ...(token === undefined ? {} : { ath: hash("sha256", token, "base64url") }),
        ...(nonce === undefined ? {} : { nonce }),
        ...claims,
      })
        .setProtectedHeader({ typ: "dpop+jwt", alg, jwk: publicJwk, ...header } as JWTHeaderParameters)
        .sign(signer.privateKey, { crit: { exp: true } }),
  }
  return made
}

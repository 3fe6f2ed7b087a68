/**
 * Whether one of these keys signed a JWT access token: for whoever asks about a token that may have expired long ago.
 *
 * It says nothing of whether the token is alive, which the log alone knows.
 */
import type { SigningKey } from "./SigningKey.ts"

/** By a key, by one that is compromised, by none of them though it names one, or not to be told. */
export type Signature = "verified" | "by a compromised key" | "wrong" | "not checked"

/** What a signature is checked with: the public part of a key, and whether it is compromised. */
export type VerifyingKey = Pick<SigningKey, "kid" | "alg" | "publicKey" | "isCompromised">

/** Who signed a JWT, of those whose keys are at hand. */
export const signatureOf = async (jwt: string, keys: ReadonlyArray<VerifyingKey>): Promise<Signature> => {
  const [{ compactVerify }, { decodeProtectedHeader }, { importJWK }] = await Promise.all([
    import("jose/jws/compact/verify"),
    import("jose/decode/protected_header"),
    import("jose/key/import"),
  ])
  try {
    const { kid, typ } = decodeProtectedHeader(jwt)
    const key = keys.find((one) => one.kid === kid)
    if (key === undefined) return "not checked"
    if (typ !== "at+jwt") return "wrong"
    //= RFC8725-3.1-alg-allowlist
    await compactVerify(jwt, await importJWK(key.publicKey, key.alg), { algorithms: [key.alg] })
    return key.isCompromised ? "by a compromised key" : "verified"
  } catch {
    return "wrong"
  }
}

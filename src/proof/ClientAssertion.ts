/**
 * The assertion by which a client or a resource server proves who it is (`private_key_jwt`, RFC 7523 as amended by RFC 10070):
 * a short-lived JWT for one request, which its key signs.
 *
 * It names the issuer alone as its audience, as a string: shown to another server it is worth nothing there. Nothing is
 * signed by a secret, and the key is shown to nobody; who keeps it elsewhere signs there. jose is loaded with the first one.
 */
/** A private key as a JWK (RFC 7517). Its `kid` goes into what it signs, and where it has an `alg`, that alone is used. */
export interface PrivateJwk {
  /** `EC`, `OKP` or `RSA`. */
  readonly kty: string
  /** The other members of the key, the private ones among them. */
  readonly [member: string]: unknown
}

/** A key that is kept elsewhere, in a key store or another process. */
export interface ExternalKey {
  /** The algorithm that it signs by, as in `alg` of JWS: `ES256`. */
  readonly alg: string
  /** The name by which the server finds the public half; default none. */
  readonly kid?: string
  /** Signs these bytes; gives the signature as JWS has it (RFC 7518 section 3.4: for `ES256` 64 bytes, not DER). */
  readonly sign: (data: Uint8Array) => Uint8Array | Promise<Uint8Array>
}

/** What a client proves itself by: a private key, as a JWK or for signing by WebCrypto, or what signs in its place. */
export type ClientKey = PrivateJwk | CryptoKey | ExternalKey

/** No assertion can be signed: by this key at all, or by an algorithm that the server takes. */
export class AssertionFault extends Error {
  override readonly name = "AssertionFault"
}

export interface AssertionRequest {
  readonly clientId: string
  /** The issuer identifier of the server that it is for. */
  readonly issuer: string
  /** What this assertion alone is called; another one each time. */
  readonly jti: string
  /** Milliseconds since the epoch. */
  readonly now: number
  /** The algorithms that the server takes; absent where it does not say. */
  readonly algorithms?: ReadonlyArray<string> | undefined
}

const LIFETIME_SECONDS = 60
export const ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

const isExternal = (key: ClientKey): key is ExternalKey => "sign" in key && typeof key.sign === "function"
const isCryptoKey = (key: ClientKey): key is CryptoKey => key instanceof CryptoKey

/** What a key can sign by, the best first; nothing for what is no private signing key. */
export const algorithmsOf = (key: ClientKey): ReadonlyArray<string> => {
  if (isExternal(key)) return [key.alg]
  if (isCryptoKey(key)) return key.type === "private" && key.usages.includes("sign") ? byWebCrypto(key.algorithm) : []
  const { kty, crv, alg, d } = key
  if (typeof d !== "string") return []
  const able = kty === "RSA" ? RSA : kty === "EC" || kty === "OKP" ? (BY_CURVE[String(crv)] ?? []) : []
  return alg === undefined ? able : able.filter((one) => one === alg)
}

const RSA = ["PS256", "PS384", "PS512", "RS256", "RS384", "RS512"]
const BY_CURVE: Readonly<Record<string, ReadonlyArray<string>>> = {
  "P-256": ["ES256"],
  "P-384": ["ES384"],
  "P-521": ["ES512"],
  // RFC 9864: the older name of the same.
  Ed25519: ["Ed25519", "EdDSA"],
}
const BY_NAME: Readonly<Record<string, string>> = { "RSA-PSS": "PS", "RSASSA-PKCS1-v1_5": "RS" }

const byWebCrypto = (algorithm: KeyAlgorithm): ReadonlyArray<string> => {
  const { name, namedCurve, hash } = algorithm as KeyAlgorithm & {
    readonly namedCurve?: string
    readonly hash?: { readonly name: string }
  }
  const family = BY_NAME[name]
  return family === undefined ? (BY_CURVE[namedCurve ?? name] ?? []) : [`${family}${hash?.name.slice("SHA-".length)}`]
}

/** What is wrong with a key, as the end of a sentence; `undefined` where it can sign. */
export const keyFault = (key: unknown): string | undefined => {
  if (typeof key !== "object" || key === null) return "is no key"
  if (
    "sign" in key ? typeof (key as ExternalKey).alg !== "string" : !isCryptoKey(key as ClientKey) && !("kty" in key)
  ) {
    return "is neither a JWK nor a CryptoKey, nor an object with `alg` and `sign`"
  }
  return algorithmsOf(key as ClientKey).length === 0 ? "is no private key that signs: EC, Ed25519 or RSA" : undefined
}

/** The public half of a JWK, as a server is to know it; `undefined` for a key that does not show it. */
export const publicJwkOf = (key: ClientKey): Readonly<Record<string, unknown>> | undefined => {
  if (isExternal(key) || isCryptoKey(key)) return undefined
  const shown = ["kty", "crv", "x", "y", "n", "e", "kid", "alg"]
  return { ...Object.fromEntries(shown.filter((name) => name in key).map((name) => [name, key[name]])), use: "sig" }
}

/** Makes an assertion for one request; throws an {@link AssertionFault} where the server takes none by this key. */
//= RFC10070-4-client-aud
//= STU-2.1-distinct-aud
export const makeClientAssertion = async (key: ClientKey, request: AssertionRequest): Promise<string> => {
  const { clientId, issuer, jti, now, algorithms } = request
  const able = algorithmsOf(key)
  const alg = able.find((one) => algorithms?.includes(one) ?? true)
  if (alg === undefined) {
    const taken = algorithms?.join(", ") ?? "none"
    throw new AssertionFault(`the key signs by ${able.join(", ") || "nothing"}, and the server takes ${taken}`)
  }
  const kid = isCryptoKey(key) ? undefined : key.kid
  const header = { alg, typ: "client-authentication+jwt", ...(typeof kid === "string" ? { kid } : {}) }
  const iat = Math.floor(now / 1000)
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti, iat, exp: iat + LIFETIME_SECONDS }
  const [base64url, { importJWK }, { SignJWT }] = await Promise.all([
    import("jose/base64url"),
    import("jose/key/import"),
    import("jose/jwt/sign"),
  ])
  if (isExternal(key)) {
    const signed = [header, claims].map((part) => base64url.encode(JSON.stringify(part))).join(".")
    return `${signed}.${base64url.encode(await key.sign(new TextEncoder().encode(signed)))}`
  }
  const imported = isCryptoKey(key) ? key : await importJWK(key, alg)
  return new SignJWT(claims).setProtectedHeader(header).sign(imported)
}

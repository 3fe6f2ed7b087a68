/** The assertions by which clients prove who they are: what they say, by which algorithm, and by which keys. */
import { sign as nodeSign } from "node:crypto"
import {
  createLocalJWKSet,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  jwtVerify,
} from "jose"
import { describe, expect, test } from "vitest"
import {
  algorithmsOf,
  keyFault,
  makeClientAssertion,
  publicJwkOf,
  type AssertionRequest,
  type ClientKey,
  type PrivateJwk,
} from "../../src/proof/ClientAssertion.ts"

const NOW = 1_800_000_000_000
const request: AssertionRequest = { clientId: "app", issuer: "https://id.example", jti: "the first", now: NOW }

const newKey = async (alg: string) => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = { ...(await exportJWK(privateKey)), kid: "first" } as PrivateJwk
  return { privateKey, publicKey, jwk, publicJwk: await exportJWK(publicKey) }
}

describe("an assertion", () => {
  test("RFC10070-4-client-aud, STU-2.1-distinct-aud: is typed, and for the issuer alone, as a string", async () => {
    const { jwk } = await newKey("ES256")
    const jwt = await makeClientAssertion(jwk, request)
    expect(decodeProtectedHeader(jwt)).toEqual({ alg: "ES256", typ: "client-authentication+jwt", kid: "first" })
    expect(decodeJwt(jwt)).toEqual({
      iss: "app",
      sub: "app",
      aud: "https://id.example",
      jti: "the first",
      iat: NOW / 1000,
      exp: NOW / 1000 + 60,
    })
  })

  test.each(["ES256", "ES384", "ES512", "PS256", "RS256", "Ed25519"])(
    "is signed by a key for %s, given either way",
    async (alg) => {
      const { privateKey, publicKey, jwk } = await newKey(alg)
      for (const key of [jwk, privateKey] as ReadonlyArray<ClientKey>) {
        const taken = alg === "RS256" ? ["RS256"] : undefined
        const jwt = await makeClientAssertion(key, { ...request, algorithms: taken })
        const { protectedHeader } = await jwtVerify(jwt, publicKey, { currentDate: new Date(NOW) })
        expect(protectedHeader.alg).toBe(alg)
        expect(protectedHeader.kid).toBe(key === jwk ? "first" : undefined)
      }
    },
  )

  test("is signed where the key is kept, by the algorithm that it says", async () => {
    const { privateKey, publicKey } = await newKey("ES256")
    const seen: Array<string> = []
    const key: ClientKey = {
      alg: "ES256",
      kid: "in the vault",
      sign: (data) => {
        seen.push(Buffer.from(data).toString())
        const pem = { key: privateKey as never, dsaEncoding: "ieee-p1363" } as const
        return nodeSign("sha256", data, pem)
      },
    }
    const jwt = await makeClientAssertion(key, request)
    const { payload, protectedHeader } = await jwtVerify(jwt, publicKey, { currentDate: new Date(NOW) })
    expect([payload.aud, protectedHeader.kid]).toEqual(["https://id.example", "in the vault"])
    expect(seen).toEqual([jwt.slice(0, jwt.lastIndexOf("."))])
  })
})

describe("the algorithm", () => {
  test("is the first of the key's that the server takes", async () => {
    const { jwk } = await newKey("PS256")
    const algOf = async (algorithms: ReadonlyArray<string> | undefined, key: ClientKey = jwk) =>
      decodeProtectedHeader(await makeClientAssertion(key, { ...request, algorithms })).alg
    expect(await algOf(undefined)).toBe("PS256")
    expect(await algOf(["ES256", "RS512", "RS256"])).toBe("RS256")
    expect(await algOf(["RS512", "PS512"])).toBe("PS512")
    expect(await algOf(undefined, { ...jwk, alg: "RS384" })).toBe("RS384")
    const edwards = (await newKey("Ed25519")).jwk
    expect(await algOf(["EdDSA"], edwards)).toBe("EdDSA")
  })

  test.each([[["ES256"]], [[]], [["none"]], [["HS256"]]])(
    "is none where the server takes %j, and nothing is signed",
    async (algorithms) => {
      const { jwk } = await newKey("PS256")
      const made = makeClientAssertion(jwk, { ...request, algorithms })
      await expect(made).rejects.toMatchObject({ name: "AssertionFault" })
      await expect(made).rejects.not.toThrow(String(jwk["d"]))
    },
  )

  test("is never one that the key does not name, where it names one", async () => {
    const { jwk } = await newKey("PS256")
    expect(algorithmsOf({ ...jwk, alg: "ES256" })).toEqual([])
    await expect(makeClientAssertion({ ...jwk, alg: "PS512" }, { ...request, algorithms: ["PS256"] })).rejects.toThrow(
      "PS512",
    )
  })
})

describe("a key", () => {
  test("shows its public half without a private member, and the server finds it by that", async () => {
    for (const alg of ["ES256", "PS256", "Ed25519"]) {
      const { jwk, publicJwk } = await newKey(alg)
      const shown = publicJwkOf(jwk)!
      expect(shown).toEqual({ ...publicJwk, kid: "first", use: "sig" })
      for (const name of ["d", "p", "q", "dp", "dq", "qi", "k"]) expect(shown).not.toHaveProperty(name)
      const keys = createLocalJWKSet({ keys: [shown as never] })
      const jwt = await makeClientAssertion(jwk, request)
      expect((await jwtVerify(jwt, keys, { currentDate: new Date(NOW) })).payload.iss).toBe("app")
    }
    const { privateKey } = await newKey("ES256")
    expect(publicJwkOf(privateKey)).toBeUndefined()
    expect(publicJwkOf({ alg: "ES256", sign: () => new Uint8Array() })).toBeUndefined()
  })

  test.each<readonly [string, () => unknown]>([
    ["nothing", () => undefined],
    ["a text", () => "-----BEGIN PRIVATE KEY-----"],
    ["an empty object", () => ({})],
    ["a public JWK", async () => (await newKey("ES256")).publicJwk],
    ["a public CryptoKey", async () => (await newKey("ES256")).publicKey],
    ["a secret", () => ({ kty: "oct", k: "c2VjcmV0" })],
    ["a key for encryption", async () => (await generateKeyPair("ECDH-ES", { extractable: true })).privateKey],
    ["a key for agreement", () => ({ kty: "OKP", crv: "X25519", x: "a", d: "b" })],
    ["a curve of its own", () => ({ kty: "EC", crv: "secp256k1", x: "a", y: "b", d: "c" })],
    ["a JWK for a secret's algorithm", async () => ({ ...(await newKey("ES256")).jwk, alg: "HS256" })],
    ["what signs by nothing", () => ({ sign: () => new Uint8Array() })],
  ])("that is %s cannot sign, and it is said so", async (_, make) => {
    expect(keyFault(await make())).toMatch(/^is (no|neither) /)
  })

  test("that signs is none of those", async () => {
    const { jwk, privateKey } = await newKey("ES256")
    for (const key of [jwk, privateKey, { alg: "ES256", sign: () => new Uint8Array() }]) {
      expect(keyFault(key)).toBeUndefined()
    }
    expect(await importJWK(jwk as never, "ES256")).toBeDefined()
  })
})

/** Of the keys that a client publishes those are kept that signatures are verified with, and never one that is secret. */
import { generateKeyPairSync } from "node:crypto"
import { Result } from "effect"
import { exportJWK } from "jose"
import { describe, expect, it } from "vitest"
import { readVerificationKeys } from "../../../../src/provider/features/clients/VerificationKeys.ts"
import { newSigningKey } from "../../../support/Assertions.ts"

const read = (value: unknown) => Result.getOrElse(readVerificationKeys(value), (sentence) => sentence)
const jwkOf = async (alg: string, kid?: string) => (await newSigningKey(alg, kid)).jwk

describe("a set of keys", () => {
  it.each(["ES256", "ES384", "ES512", "PS256", "EdDSA"])("keeps one for %s, with its name", async (alg) => {
    const jwk = { ...(await jwkOf(alg, "one")), alg, use: "sig" }
    expect(read({ keys: [jwk] })).toEqual({ keys: [jwk] })
  })

  it("keeps of a key what a signature is verified with, and nothing else", async () => {
    const jwk = await jwkOf("ES256")
    expect(read({ keys: [{ ...jwk, x5c: ["certificate"], key_ops: ["verify"], owner: "alice@example.com" }] })).toEqual(
      {
        keys: [jwk],
      },
    )
  })

  it("passes over what is for something else, or of a kind that is not known", async () => {
    const jwk = await jwkOf("ES256")
    const keys = [
      { kty: "OKP", crv: "X25519", x: "abc" },
      { kty: "AKP", pub: "abc" },
      { ...jwk, use: "enc" },
      { ...jwk, key_ops: ["deriveKey"] },
      jwk,
    ]
    expect(read({ keys })).toEqual({ keys: [jwk] })
    expect(read({ keys: keys.slice(0, -1) })).toMatch(/no key in it verifies a signature/)
  })

  it("is refused with a private or symmetric key in it, which the refusal does not repeat", async () => {
    const { privateKey } = await newSigningKey("ES256")
    const secret = await exportJWK(privateKey)
    for (const bad of [secret, { kty: "oct", k: "c2VjcmV0" }, { ...(await jwkOf("PS256")), dp: "c2VjcmV0" }]) {
      const said = read({ keys: [await jwkOf("ES256"), bad] })
      expect(said).toMatch(/private or symmetric/)
      expect(said).not.toContain("c2VjcmV0")
      expect(said).not.toContain(secret.d)
    }
  })

  it("is refused with a key that none can be", async () => {
    const [ec, okp] = [await jwkOf("ES256"), await jwkOf("EdDSA")]
    const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" })
    expect(read({ keys: [{ ...ec, y: ec.x }] })).toMatch(/no point of its curve/)
    expect(read({ keys: [{ ...okp, x: "abc" }] })).toMatch(/no point of its curve/)
    expect(read({ keys: [{ ...ec, x: undefined }] })).toMatch(/lacks a member/)
    expect(read({ keys: [{ ...ec, x: "+/==" }] })).toMatch(/lacks a member/)
    expect(read({ keys: [{ ...ec, kid: "k".repeat(201) }] })).toMatch(/lacks a member/)
    expect(read({ keys: [rsa] })).toMatch(/fewer than 2048 bits/)
  })

  it.each([[undefined], [null], ["keys"], [[]], [{}], [{ keys: {} }], [{ keys: ["x"] }], [{ keys: [null] }]])(
    "is a JWK Set, and not %j",
    (value) => {
      expect(read(value)).toMatch(/JWK Set/)
    },
  )

  it("has ten keys at most", async () => {
    const jwk = await jwkOf("ES256")
    expect(read({ keys: Array(10).fill(jwk) })).toEqual({ keys: Array(10).fill(jwk) })
    expect(read({ keys: Array(11).fill(jwk) })).toBe("it has 11 keys: send at most 10")
  })
})

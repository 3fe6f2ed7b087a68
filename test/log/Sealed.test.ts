/** Sealed text opens in its own place, under its own key, whole, or not at all. */
import { createDecipheriv, randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { SEAL_NONCE_BYTES, seal, sealingKeyIdOf, unseal, type SealingKey } from "../../src/log/index.ts"

const keyNamed = (id: string): SealingKey => ({ id, secret: randomBytes(32) })
const key = keyNamed("key_1")
const plain = Buffer.from('{"address":"203.0.113.7"}')
const sealed = seal(key, "event-1", plain, randomBytes(SEAL_NONCE_BYTES))

describe("sealed text", () => {
  it("opens in its own place under its own key", () => {
    expect(Buffer.from(unseal(key, "event-1", sealed)!)).toEqual(plain)
    expect(sealingKeyIdOf(sealed)).toBe("key_1")
  })

  it("says nothing of what is in it, and is another each time", () => {
    expect(Buffer.from(sealed.split(".")[2]!, "base64url").includes(plain)).toBe(false)
    expect(seal(key, "event-1", plain, randomBytes(SEAL_NONCE_BYTES))).not.toBe(sealed)
  })

  it("is AES-256-GCM with version, key and place as associated data, as anybody can check", () => {
    const bytes = Buffer.from(sealed.slice("gs1.key_1.".length), "base64url")
    const decipher = createDecipheriv("aes-256-gcm", key.secret, bytes.subarray(0, 12))
    decipher.setAAD(Buffer.from("gs1\0key_1\0event-1")).setAuthTag(bytes.subarray(-16))
    expect(Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()])).toEqual(plain)
  })

  it("opens in no other place, and under no other key", () => {
    expect(unseal(key, "event-2", sealed)).toBeUndefined()
    expect(unseal(keyNamed("key_1"), "event-1", sealed)).toBeUndefined()
    expect(unseal({ ...key, id: "key_2" }, "event-1", sealed)).toBeUndefined()
    expect(unseal({ ...key, id: "key_2" }, "event-1", sealed.replace("key_1", "key_2"))).toBeUndefined()
  })

  it("does not open once any character of it is another, is missing, or is too many", () => {
    for (let index = 0; index < sealed.length; index++) {
      const other = sealed[index] === "A" ? "B" : "A"
      const changed = sealed.slice(0, index) + other + sealed.slice(index + 1)
      expect(unseal(key, "event-1", changed), `with another character ${index}`).toBeUndefined()
      expect(unseal(key, "event-1", sealed.slice(0, index)), `cut at ${index}`).toBeUndefined()
    }
    for (const more of [`${sealed}A`, `${sealed}=`, ` ${sealed}`, `${sealed}\n`, sealed.toUpperCase()]) {
      expect(unseal(key, "event-1", more)).toBeUndefined()
    }
  })

  it("has one spelling: of all that end in another character, none opens though its bytes may be the same", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    const bytes = (text: string) => Buffer.from(text.split(".")[2]!, "base64url").toString("hex")
    for (const length of [1, 2, 3]) {
      const text = seal(key, "event-1", Buffer.alloc(length), randomBytes(SEAL_NONCE_BYTES))
      const spellings = [...alphabet].map((last) => text.slice(0, -1) + last)
      expect(spellings.filter((one) => unseal(key, "event-1", one) !== undefined)).toEqual([text])
      // Of 13, 14 and 15 bytes behind the nonce two leave bits of the last character unused.
      expect(spellings.filter((one) => bytes(one) === bytes(text)).length).toBe([4, 1, 16][length - 1])
    }
  })

  it.each(["", "gs1", "gs1.key_1.", "gs2.key_1.AAAA", "eyJhbGciOiJkaXIifQ..bm9uY2U.Y2lwaGVydGV4dA.dGFn"])(
    "is not `%s`",
    (text) => expect(unseal(key, "event-1", text)).toBeUndefined(),
  )
})

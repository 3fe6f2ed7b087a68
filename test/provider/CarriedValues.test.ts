/** Carried values: encrypted for one purpose, under a key of the ring, unchanged. */
import { hkdfSync } from "node:crypto"
import { CompactEncrypt } from "jose"
import { describe, expect, test } from "vitest"
import type { KeyId } from "../../src/core/index.ts"
import { MAX_CARRIED_CHARACTERS, ephemeralKeys, carriedValues, type KeyRingFile } from "../../src/provider/index.ts"

const VALUE = { says: "something", to: ["somebody"] }
const ring = ephemeralKeys()

/** A value encrypted by hand, as this file says it is: HKDF-SHA-256 of the ring's secret, the purpose as its info. */
const encryptedByHand = async (
  info: string,
  { id, secret }: KeyRingFile["keys"][0],
  header: Record<string, string> = {},
) => {
  const key = new Uint8Array(hkdfSync("sha256", Buffer.from(secret, "base64url"), Buffer.alloc(0), info, 32))
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(VALUE)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: id, ...header })
    .encrypt(key)
}

describe("a value that a browser carries", () => {
  test("opens for its purpose and for no other", async () => {
    const { encrypt, decrypt } = carriedValues(ring)
    for (const [purpose, other] of [
      ["form", "authorization request"],
      ["authorization request", "form"],
    ] as const) {
      const text = await encrypt(purpose, VALUE)
      expect(await decrypt(purpose, text)).toEqual(VALUE)
      expect(await decrypt(other, text)).toBeUndefined()
    }
  })

  test("is under a key derived for its purpose from the ring's first key", async () => {
    const { encrypt, decrypt } = carriedValues(ring)
    const [first] = ring.keys
    expect(await decrypt("form", await encryptedByHand("grantlog/sealed form", first))).toEqual(VALUE)
    expect(
      await decrypt("authorization request", await encryptedByHand("grantlog/sealed authorization request", first)),
    ).toEqual(VALUE)
    for (const info of ["grantlog/sealed ", "grantlog/sealed", "", "form"]) {
      expect(await decrypt("form", await encryptedByHand(info, first))).toBeUndefined()
    }
    const [header] = (await encrypt("form", VALUE)).split(".")
    expect(JSON.parse(Buffer.from(header!, "base64url").toString())).toEqual({
      alg: "dir",
      enc: "A256GCM",
      kid: first.id,
    })
  })

  test("opens under any key of the ring, and under none that the ring lacks", async () => {
    const [first, second] = [ephemeralKeys().keys[0], ephemeralKeys().keys[0]]
    const old = await carriedValues({ keys: [first] }).encrypt("form", VALUE)
    const both = carriedValues({ keys: [second, first] })
    expect(await both.decrypt("form", old)).toEqual(VALUE)
    expect(await carriedValues({ keys: [second] }).decrypt("form", old)).toBeUndefined()
    const fresh = await both.encrypt("form", VALUE)
    expect(await carriedValues({ keys: [second] }).decrypt("form", fresh)).toEqual(VALUE)
    expect(await carriedValues({ keys: [first] }).decrypt("form", fresh)).toBeUndefined()
    // Another ring with the same id is another ring.
    const posing = { ...second, id: first.id as KeyId }
    expect(await carriedValues({ keys: [posing] }).decrypt("form", old)).toBeUndefined()
  })

  test("is nothing once any part of it is changed, or when it is none", async () => {
    const { encrypt, decrypt } = carriedValues(ring)
    const encrypted = await encrypt("form", VALUE)
    const parts = encrypted.split(".")
    for (const [index, part] of parts.entries()) {
      const changed = parts.with(index, part === "" ? "AA" : `${part[0] === "A" ? "B" : "A"}${part.slice(1)}`)
      expect(await decrypt("form", changed.join(".")), `part ${index}`).toBeUndefined()
    }
    for (const text of ["", "x", "....", encrypted.slice(0, -4), `${encrypted}.x`]) {
      expect(await decrypt("form", text)).toBeUndefined()
    }
  })

  test("says nothing of what is in it, and is another one each time", async () => {
    const { encrypt } = carriedValues(ring)
    const [one, two] = [await encrypt("form", VALUE), await encrypt("form", VALUE)]
    expect(one).not.toBe(two)
    for (const part of one.split(".")) {
      expect(Buffer.from(part, "base64url").toString("latin1")).not.toContain("something")
    }
  })

  test("is read up to its greatest length and not beyond", async () => {
    const { encrypt, decrypt } = carriedValues(ring)
    const long = async (count: number) => encrypt("form", "x".repeat(count))
    const overhead = (await long(3)).length - 6
    const fits = Math.floor(((MAX_CARRIED_CHARACTERS - overhead) * 3) / 4) - 2
    const text = await long(fits)
    expect(text.length).toBeLessThanOrEqual(MAX_CARRIED_CHARACTERS)
    expect(await decrypt("form", text)).toBe("x".repeat(fits))
    const longer = await long(fits + 8)
    expect(longer.length).toBeGreaterThan(MAX_CARRIED_CHARACTERS)
    expect(await decrypt("form", longer)).toBeUndefined()
  })
})

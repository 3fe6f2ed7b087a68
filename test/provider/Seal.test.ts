/** Sealed values: for one purpose, under a key of the ring, unchanged. */
import { hkdfSync } from "node:crypto"
import { CompactEncrypt } from "jose"
import { describe, expect, test } from "vitest"
import type { KeyId } from "../../src/core/index.ts"
import { MAX_SEALED_CHARACTERS, ephemeralKeys, sealer, type KeyRingFile } from "../../src/provider/index.ts"

const VALUE = { says: "something", to: ["somebody"] }
const ring = ephemeralKeys()

/** What is sealed by hand, as this page says it is: HKDF-SHA-256 of the ring's secret, the purpose as its info. */
const sealedByHand = async (
  info: string,
  { id, secret }: KeyRingFile["keys"][0],
  header: Record<string, string> = {},
) => {
  const key = new Uint8Array(hkdfSync("sha256", Buffer.from(secret, "base64url"), Buffer.alloc(0), info, 32))
  return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(VALUE)))
    .setProtectedHeader({ alg: "dir", enc: "A256GCM", kid: id, ...header })
    .encrypt(key)
}

describe("a sealed value", () => {
  test("opens for its purpose and for no other", async () => {
    const { seal, unseal } = sealer(ring)
    for (const [purpose, other] of [
      ["form", "authorization request"],
      ["authorization request", "form"],
    ] as const) {
      const sealed = await seal(purpose, VALUE)
      expect(await unseal(purpose, sealed)).toEqual(VALUE)
      expect(await unseal(other, sealed)).toBeUndefined()
    }
  })

  test("is under a key derived for its purpose from the ring's first key", async () => {
    const { seal, unseal } = sealer(ring)
    const [first] = ring.keys
    expect(await unseal("form", await sealedByHand("grantlog/sealed form", first))).toEqual(VALUE)
    expect(
      await unseal("authorization request", await sealedByHand("grantlog/sealed authorization request", first)),
    ).toEqual(VALUE)
    for (const info of ["grantlog/sealed ", "grantlog/sealed", "", "form"]) {
      expect(await unseal("form", await sealedByHand(info, first))).toBeUndefined()
    }
    const [header] = (await seal("form", VALUE)).split(".")
    expect(JSON.parse(Buffer.from(header!, "base64url").toString())).toEqual({
      alg: "dir",
      enc: "A256GCM",
      kid: first.id,
    })
  })

  test("opens under any key of the ring, and under none that the ring lacks", async () => {
    const [first, second] = [ephemeralKeys().keys[0], ephemeralKeys().keys[0]]
    const old = await sealer({ keys: [first] }).seal("form", VALUE)
    const both = sealer({ keys: [second, first] })
    expect(await both.unseal("form", old)).toEqual(VALUE)
    expect(await sealer({ keys: [second] }).unseal("form", old)).toBeUndefined()
    const fresh = await both.seal("form", VALUE)
    expect(await sealer({ keys: [second] }).unseal("form", fresh)).toEqual(VALUE)
    expect(await sealer({ keys: [first] }).unseal("form", fresh)).toBeUndefined()
    // Another ring with the same id is another ring.
    const posing = { ...second, id: first.id as KeyId }
    expect(await sealer({ keys: [posing] }).unseal("form", old)).toBeUndefined()
  })

  test("is nothing once any part of it is changed, or when it is none", async () => {
    const { seal, unseal } = sealer(ring)
    const sealed = await seal("form", VALUE)
    const parts = sealed.split(".")
    for (const [index, part] of parts.entries()) {
      const changed = parts.with(index, part === "" ? "AA" : `${part[0] === "A" ? "B" : "A"}${part.slice(1)}`)
      expect(await unseal("form", changed.join(".")), `part ${index}`).toBeUndefined()
    }
    for (const text of ["", "x", "....", sealed.slice(0, -4), `${sealed}.x`]) {
      expect(await unseal("form", text)).toBeUndefined()
    }
  })

  test("says nothing of what is in it, and is another one each time", async () => {
    const { seal } = sealer(ring)
    const [one, two] = [await seal("form", VALUE), await seal("form", VALUE)]
    expect(one).not.toBe(two)
    for (const part of one.split(".")) {
      expect(Buffer.from(part, "base64url").toString("latin1")).not.toContain("something")
    }
  })

  test("is read up to its greatest length and not beyond", async () => {
    const { seal, unseal } = sealer(ring)
    const long = async (count: number) => seal("form", "x".repeat(count))
    const overhead = (await long(3)).length - 6
    const fits = Math.floor(((MAX_SEALED_CHARACTERS - overhead) * 3) / 4) - 2
    const sealed = await long(fits)
    expect(sealed.length).toBeLessThanOrEqual(MAX_SEALED_CHARACTERS)
    expect(await unseal("form", sealed)).toBe("x".repeat(fits))
    const longer = await long(fits + 8)
    expect(longer.length).toBeGreaterThan(MAX_SEALED_CHARACTERS)
    expect(await unseal("form", longer)).toBeUndefined()
  })
})

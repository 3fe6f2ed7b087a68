/**
 * The rules of derivation, against vectors: what a successor depends on, that nobody without all of it has it, and that
 * every use of a master key has a key of its own.
 */
import { createHmac, hash } from "node:crypto"
import { compactDecrypt } from "jose"
import { expect, test } from "vitest"
import type { GrantId, KeyId } from "../../src/core/index.ts"
import { keyRing, newKeyRing, wrappingKeys, type KeyRingFile, type Successor } from "../../src/provider/Keys.ts"
import { carriedValues, type CarriedPurpose } from "../../src/provider/CarriedValues.ts"
import { liveRandomness } from "../../src/provider/Randomness.ts"
import { base62, formatToken, type TokenKind } from "../../src/provider/Token.ts"
import derived from "../../spec/vectors/keys.json" with { type: "json" }
import vectors from "../../spec/vectors/tokens.json" with { type: "json" }

const id = "k_vector" as KeyId
const fileOf = (secret: string): KeyRingFile => ({ keys: [{ id, secret }] })
const ringOf = (secret: string) => keyRing(fileOf(secret))

type Vector = (typeof vectors.successors)[number]
const successorOf = ({ kind, grantId, generation, salt, presented, subset, afterVersion }: Vector): Successor => ({
  kind: kind as TokenKind,
  grantId: grantId as GrantId,
  generation,
  salt: Buffer.from(salt, "base64url"),
  presented,
  subset,
  afterVersion: afterVersion ?? null,
})

test.each(vectors.successors)("the vector of $name is derived as written, and again", (vector) => {
  const ring = ringOf(vector.key)
  expect(ring.derive(id, successorOf(vector))).toBe(vector.token)
  expect(ring.derive(id, successorOf(vector))).toBe(vector.token)
})

test("an access token depends on everything it is derived from", () => {
  const access = vectors.successors.filter(({ kind }) => kind === "access")
  expect(new Set(access.map(({ token }) => token)).size).toBe(access.length)
})

test("a refresh token does not depend on what its access token is for", () => {
  const refresh = vectors.successors.filter((one) => one.kind === "refresh" && one.afterVersion === undefined)
  expect(refresh.length).toBeGreaterThan(1)
  expect(new Set(refresh.map(({ token }) => token)).size).toBe(1)
})

test("a ring derives nothing under a key that it lacks", () => {
  const [vector] = vectors.successors
  expect(ringOf(vector!.key).derive("k_other" as KeyId, successorOf(vector!))).toBeUndefined()
})

test("the first key is in use, and the others still derive", () => {
  const [vector] = vectors.successors
  const old = { id, secret: vector!.key }
  const fresh = newKeyRing(liveRandomness).keys[0]
  const ring = keyRing({ keys: [fresh, old] })
  expect(ring.current).toBe(fresh.id)
  expect([ring.has(fresh.id), ring.has(id), ring.has("k_other")]).toEqual([true, true, false])
  expect(ring.derive(id, successorOf(vector!))).toBe(vector!.token)
})

test("a new ring has one key of 256 bits and an id, both of its own", () => {
  const rings = [newKeyRing(liveRandomness), newKeyRing(liveRandomness)]
  for (const { keys } of rings) {
    expect(keys).toHaveLength(1)
    expect(keys[0].id).toMatch(/^k_[0-9A-Za-z]{11}$/)
    expect(Buffer.from(keys[0].secret, "base64url")).toHaveLength(32)
  }
  expect(rings[0]!.keys[0].secret).not.toBe(rings[1]!.keys[0].secret)
})

test.each(derived.requestIds)("the id of the request `$text` is derived as written", ({ key, text, grantId }) => {
  expect(ringOf(key).requestId(text)).toBe(grantId)
})

test("the id of a request is nobody's guess: another key gives another one for the same text", () => {
  expect(new Set(derived.requestIds.map(({ grantId }) => grantId)).size).toBe(derived.requestIds.length)
  const bare = derived.requestIds.map(({ text }) => base62(hash("sha256", text, "buffer").subarray(0, 16), 22))
  for (const { grantId } of derived.requestIds) expect(bare).not.toContain(grantId)
})

test.each(derived.wrapping)("the key that subject keys are wrapped under is derived as written", ({ key, secret }) => {
  const { current, find } = wrappingKeys(fileOf(key), "subject key")
  expect(Buffer.from(current.secret).toString("base64url")).toBe(secret)
  expect(current.id).toBe(id)
  expect(find(id)).toEqual(current)
  expect(find("k_other")).toBeUndefined()
})

test.each(derived.sealed)("what was sealed as $purpose is opened as that and as nothing else", async (vector) => {
  const { decrypt } = carriedValues(fileOf(vector.key))
  expect(await decrypt(vector.purpose as CarriedPurpose, vector.sealed)).toEqual(vector.value)
  for (const { purpose } of derived.sealed.filter((other) => other.purpose !== vector.purpose)) {
    expect(await decrypt(purpose as CarriedPurpose, vector.sealed)).toBeUndefined()
  }
  const { encrypt, decrypt: open } = carriedValues(newKeyRing(liveRandomness))
  const fresh = await encrypt(vector.purpose as CarriedPurpose, vector.value)
  expect(await open(vector.purpose as CarriedPurpose, fresh)).toEqual(vector.value)
  expect(await decrypt(vector.purpose as CarriedPurpose, fresh)).toBeUndefined()
})

test("no two purposes have the same key, and none is the master key itself", async () => {
  const master = vectors.successors[0]!.key
  const raw = Buffer.from(master, "base64url")
  const subjectKey = Buffer.from(wrappingKeys(fileOf(master), "subject key").current.secret)
  expect(subjectKey).not.toEqual(raw)
  const [vector] = vectors.successors.filter(({ key }) => key === master)
  const { kind, generation, presented, salt, subset, grantId } = vector!
  // What a successor, a request id or a sealed value would be under a key that another use has.
  for (const secret of [raw, subjectKey]) {
    const mac = createHmac("sha256", secret).update(`${kind}\0${generation}\0`).update(Buffer.from(salt, "base64url"))
    mac.update(`\0${presented}\0`).update(hash("sha256", subset, "buffer"))
    expect(formatToken(kind as TokenKind, grantId as GrantId, mac.digest())).not.toBe(vector!.token)
    const asked = createHmac("sha256", secret).update("a request").digest().subarray(0, 16)
    expect(base62(asked, 22)).not.toBe(ringOf(master).requestId("a request"))
    for (const { sealed } of derived.sealed) await expect(compactDecrypt(sealed, secret)).rejects.toThrow()
  }
})

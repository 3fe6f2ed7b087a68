/** The rules of derivation, against vectors: what a successor depends on, and that nobody without all of it has it. */
import { expect, test } from "vitest"
import type { GrantId, KeyId, Salt } from "../../src/core/index.ts"
import { keyRing, newKeyRing, type Successor } from "../../src/provider/Keys.ts"
import { liveSecrets } from "../../src/provider/Secrets.ts"
import type { TokenKind } from "../../src/provider/Token.ts"
import vectors from "../../spec/vectors/tokens.json" with { type: "json" }

const id = "k_vector" as KeyId
const ringOf = (secret: string) => keyRing({ keys: [{ id, secret }] })

type Vector = (typeof vectors.successors)[number]
const successorOf = ({ kind, grantId, generation, salt, presented, subset }: Vector): Successor => ({
  kind: kind as TokenKind,
  grantId: grantId as GrantId,
  generation,
  salt: salt as Salt,
  presented,
  subset,
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
  const refresh = vectors.successors.filter(({ kind }) => kind === "refresh")
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
  const fresh = newKeyRing(liveSecrets).keys[0]
  const ring = keyRing({ keys: [fresh, old] })
  expect(ring.current).toBe(fresh.id)
  expect([ring.has(fresh.id), ring.has(id), ring.has("k_other")]).toEqual([true, true, false])
  expect(ring.derive(id, successorOf(vector!))).toBe(vector!.token)
})

test("a new ring has one key of 256 bits and an id, both of its own", () => {
  const rings = [newKeyRing(liveSecrets), newKeyRing(liveSecrets)]
  for (const { keys } of rings) {
    expect(keys).toHaveLength(1)
    expect(keys[0].id).toMatch(/^k_[0-9A-Za-z]{11}$/)
    expect(Buffer.from(keys[0].secret, "base64url")).toHaveLength(32)
  }
  expect(rings[0]!.keys[0].secret).not.toBe(rings[1]!.keys[0].secret)
})

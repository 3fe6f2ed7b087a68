/** That a sound secret is never said to be guessable, however few samples there are, and that a weak one always is. */
import { createHmac, hash, randomBytes, randomInt, randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { guessable, type Sample } from "./Guessing.ts"

const AT = Date.UTC(2033, 0, 1)
const circumstances = { at: AT, clientId: "client-1" }
const TIMES = 8

const base64url = (count: number) => randomBytes(count).toString("base64url")

const sampled = (make: (index: number) => string, count: number): ReadonlyArray<Sample> =>
  Array.from({ length: count }, (_, index) => ({ text: make(index), known: [] }))

describe.each([16, 24, 260])("of %i samples,", (count) => {
  it.each<readonly [string, (index: number) => string]>([
    ["UUIDs", () => randomUUID()],
    ["sixteen bytes in hexadecimal", () => randomBytes(16).toString("hex")],
    ["eight bytes in hexadecimal", () => randomBytes(8).toString("hex")],
    ["eight bytes in base64url", () => base64url(8)],
    ["twenty digits", () => Array.from({ length: 20 }, () => randomInt(10)).join("")],
    ["letters behind a time and a counter", (index) => `${AT}-${index}-${base64url(16)}`],
    ["what is signed by a secret key", (index) => createHmac("sha256", "key").update(String(index)).digest("hex")],
  ])("%s are never said to be guessable", (_, make) => {
    for (let time = 0; time < TIMES; time += 1) expect(guessable(sampled(make, count), circumstances)).toBeUndefined()
  })

  it.each<readonly [string, (index: number) => string]>([
    ["counters", (index) => `token-${index}`],
    ["counters in twenty digits", (index) => String(index).padStart(20, "0")],
    ["times and counters", (index) => `code-${AT / 1000}-${index}`],
    ["ids of a database", (index) => `${(AT / 1000).toString(16)}7f3a9c01d2${(0x3f2a10 + index).toString(16)}`],
    ["ten letters", () => base64url(8).slice(0, 10)],
    ["times", (index) => (AT + index).toString(36)],
    ["six bytes in hexadecimal", () => randomBytes(6).toString("hex")],
    ["Math.random", () => Math.random().toString(36).slice(2)],
    ["a few letters behind a time and a counter", (index) => `${AT}-${index}-${base64url(4)}`],
    ["digests of a counter", (index) => hash("sha256", String(index))],
    ["contents in clear", (index) => Buffer.from(JSON.stringify({ index, at: AT })).toString("base64url")],
  ])("%s always are", (_, make) => {
    for (let time = 0; time < TIMES; time += 1) expect(guessable(sampled(make, count), circumstances)).toBeDefined()
  })
})

it("what is known already counts for nothing", () => {
  const bodies = Array.from({ length: 16 }, () => base64url(32))
  const beside = bodies.map((body) => ({ text: `access-${body}`, known: [`code-${body}`] }))
  expect(guessable(beside, circumstances)).toMatch(/^of their 50 characters, 0 bits are all/)
  const behind = bodies.map((body) => ({ text: body.slice(0, 16) + base64url(32), known: [body] }))
  expect(guessable(behind, circumstances)).toBeUndefined()
})

it("the same twice is guessable, but for JWTs that say the same", () => {
  const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from("{}").toString("base64url")}.${base64url(32)}`
  expect(
    guessable(
      sampled(() => jwt, 16),
      circumstances,
    ),
  ).toBeUndefined()
  expect(
    guessable(
      sampled(() => "token", 16),
      circumstances,
    ),
  ).toBe("of 16 only 1 are not the same as another")
})

it("too few samples say nothing", () => {
  expect(
    guessable(
      sampled((index) => String(index), 15),
      circumstances,
    ),
  ).toBeUndefined()
})

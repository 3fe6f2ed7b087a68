/** Nonces that nobody remembers: made by a key, good for a while, known to every instance that has the key. */
import { expect, it } from "vitest"
import { makeNonces } from "../../src/proof/Nonces.ts"
import { START_MILLIS } from "../support/ManualClock.ts"

const keyOf = (byte: number) => new Uint8Array(32).fill(byte)
const MINUTES = 60_000

it("a nonce is good where it was made and wherever the same key is, and nowhere else", () => {
  const nonce = makeNonces([keyOf(1)]).current(START_MILLIS)
  expect(makeNonces([keyOf(1)]).isGood(nonce, START_MILLIS)).toBe(true)
  expect(makeNonces([keyOf(2), keyOf(1)]).isGood(nonce, START_MILLIS)).toBe(true)
  expect(makeNonces([keyOf(2)]).isGood(nonce, START_MILLIS)).toBe(false)
  expect(nonce).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/)
})

it("a nonce is renewed every five minutes, and the one before is good for as long again", () => {
  const { current, isGood } = makeNonces([keyOf(1)])
  const nonce = current(START_MILLIS)
  expect(current(START_MILLIS + 5 * MINUTES - 1)).toBe(nonce)
  expect(current(START_MILLIS + 5 * MINUTES)).not.toBe(nonce)
  expect(isGood(nonce, START_MILLIS + 10 * MINUTES - 1)).toBe(true)
  expect(isGood(nonce, START_MILLIS + 10 * MINUTES)).toBe(false)
})

it("a nonce of an instance whose clock is a little ahead is good, and one of the far future is not", () => {
  const { current, isGood } = makeNonces([keyOf(1)])
  expect(isGood(current(START_MILLIS), START_MILLIS - 1)).toBe(true)
  expect(isGood(current(START_MILLIS), START_MILLIS - 6 * MINUTES)).toBe(false)
})

it.each([
  "",
  ".",
  "a.",
  "zzzzzzzzzzz.AAAAAAAAAAAAAAAAAAAAAA",
  "1.AAAAAAAAAAAAAAAAAAAAAA",
  "é",
  "1e3.AAAAAAAAAAAAAAAAAAAAAA",
])("`%s` is no nonce", (text) => expect(makeNonces([keyOf(1)]).isGood(text, 0)).toBe(false))

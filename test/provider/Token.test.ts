/** The rules of a token's form, against vectors that another implementation can be held to. */
import fc from "fast-check"
import { expect, test } from "vitest"
import type { GrantId } from "../../src/core/index.ts"
import { base62, digestOf, formatToken, parseToken, type TokenKind } from "../../src/provider/Token.ts"
import vectors from "../../spec/vectors/tokens.json" with { type: "json" }

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

test.each(vectors.tokens)("the vector $kind of $secret is formed, parsed and digested as written", (vector) => {
  const { kind, grantId, secret, token, digest } = vector
  expect(formatToken(kind as TokenKind, grantId as GrantId, Buffer.from(secret, "hex"))).toBe(token)
  expect(parseToken(token)).toEqual({ kind, grantId, digest })
  expect(digestOf(token)).toBe(digest)
})

const anyToken = fc
  .tuple(
    fc.constantFrom<TokenKind>("access", "refresh", "code"),
    fc.uint8Array({ minLength: 16, maxLength: 16 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
  )
  .map(([kind, id, secret]) => formatToken(kind, base62(id, 22) as GrantId, secret))

test("a token has 75 characters, all of them letters and digits behind its prefix, and names its grant", () => {
  fc.assert(
    fc.property(anyToken, (token) => {
      expect(token).toMatch(/^gl[arc]_[0-9A-Za-z]{71}$/)
      expect(parseToken(token)?.grantId).toBe(token.slice(4, 26))
    }),
  )
})

test("a token with one character mistyped is none", () => {
  const characters = fc.constantFrom(...ALPHABET)
  fc.assert(
    fc.property(anyToken, fc.integer({ min: 4, max: 74 }), characters, (token, index, character) => {
      fc.pre(token[index] !== character)
      expect(parseToken(token.slice(0, index) + character + token.slice(index + 1))).toBeUndefined()
    }),
  )
})

test("a token with two neighbours swapped is none", () => {
  fc.assert(
    fc.property(anyToken, fc.integer({ min: 4, max: 73 }), (token, index) => {
      fc.pre(token[index] !== token[index + 1])
      const swapped = token.slice(0, index) + token[index + 1] + token[index] + token.slice(index + 2)
      expect(parseToken(swapped)).toBeUndefined()
    }),
  )
})

test("a token of one kind is not one of another, cut, extended, or in another case", () => {
  fc.assert(
    fc.property(anyToken, (token) => {
      const others = ["gla_", "glr_", "glc_", "gls_"].filter((prefix) => !token.startsWith(prefix))
      for (const prefix of others) expect(parseToken(prefix + token.slice(4))).toBeUndefined()
      for (const text of [
        token.slice(1),
        token.slice(0, -1),
        `${token}0`,
        ` ${token}`,
        `${token}\n`,
        token.toUpperCase(),
      ]) {
        expect(parseToken(text)).toBeUndefined()
      }
    }),
  )
})

test("no text makes parsing fail", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => void expect(parseToken(text)).toBeUndefined()))
})

test("base62 is the number that the bytes are, to its last digit, whatever their length", () => {
  expect(base62(new Uint8Array(16).fill(255), 22)).toBe("7n42DGM5Tflk9n8mt7Fhc7")
  expect(base62(new Uint8Array(16), 22)).toBe("0".repeat(22))
  const digitsOf = (number: bigint, characters: number): string =>
    characters === 0 ? "" : digitsOf(number / 62n, characters - 1) + ALPHABET[Number(number % 62n)]!
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat({ max: 60 }), (bytes, characters) => {
      expect(base62(bytes, characters)).toBe(digitsOf(BigInt(`0x${Buffer.from(bytes).toString("hex")}`), characters))
    }),
  )
})

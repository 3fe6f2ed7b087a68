/** The rules of a token's form, against vectors that another implementation can be held to. */
import { crc32 } from "node:zlib"
import fc from "fast-check"
import { expect, test } from "vitest"
import type { GrantId } from "../../src/core/index.ts"
import { base62, digestOf, formatToken, parseToken, type TokenKind } from "../../src/provider/Token.ts"
import vectors from "../../spec/vectors/tokens.json" with { type: "json" }

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const named = vectors.tokens.map(({ afterVersion = null, ...vector }) => ({ ...vector, afterVersion }))

test.each(named)("the vector $kind of $secret at $afterVersion is formed, parsed and digested as written", (vector) => {
  const { kind, grantId, secret, afterVersion, token, digest } = vector
  const bytes = Buffer.from(secret, "hex")
  expect(formatToken(kind as TokenKind, grantId as GrantId, bytes, afterVersion)).toBe(token)
  expect(parseToken(token)).toEqual({ kind, grantId, afterVersion, digest })
  expect(digestOf(token)).toBe(digest)
})

/** What a token is made of; a refresh token from before has no version. */
const anyParts = fc
  .record({
    kind: fc.constantFrom<TokenKind>("access", "refresh", "code"),
    grantId: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((id) => base62(id, 22) as GrantId),
    secret: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    version: fc.option(fc.integer({ min: 0, max: 62 ** 6 - 1 })),
  })
  .map(({ version, ...parts }) => ({ ...parts, afterVersion: parts.kind === "refresh" ? version : null }))

/** Half of a surrogate pair too. */
const anyUnit = fc.nat({ max: 0xffff }).map((code) => String.fromCharCode(code))

const anyToken = anyParts.map((one) => formatToken(one.kind, one.grantId, one.secret, one.afterVersion))

test("a token is letters and digits behind its prefix, and names its grant, a refresh token a version too", () => {
  fc.assert(
    fc.property(anyParts, ({ kind, grantId, secret, afterVersion }) => {
      const token = formatToken(kind, grantId, secret, afterVersion)
      expect(token).toMatch(afterVersion === null ? /^gl[arc]_[0-9A-Za-z]{71}$/ : /^glr_[0-9A-Za-z]{77}$/)
      expect(parseToken(token)).toMatchObject({ kind, grantId, afterVersion })
    }),
  )
})

test("a token with one character mistyped is none", () => {
  const characters = fc.constantFrom(...ALPHABET)
  fc.assert(
    fc.property(anyToken, fc.integer({ min: 4, max: 80 }), characters, (token, index, character) => {
      fc.pre(index < token.length && token[index] !== character)
      expect(parseToken(token.slice(0, index) + character + token.slice(index + 1))).toBeUndefined()
    }),
  )
})

test("a token with two neighbours swapped is none", () => {
  fc.assert(
    fc.property(anyToken, fc.integer({ min: 4, max: 79 }), (token, index) => {
      fc.pre(index + 1 < token.length && token[index] !== token[index + 1])
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

test("a token with another character than letters and digits is none, whatever its checksum says", () => {
  const checksumOf = (text: string) => {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(crc32(text))
    return base62(bytes, 6)
  }
  const others = anyUnit.filter((one) => !ALPHABET.includes(one))
  fc.assert(
    fc.property(anyToken, fc.nat({ max: 64 }), others, (token, index, other) => {
      const body = token.slice(4, -6)
      const withIt = token.slice(0, 4) + body.slice(0, index) + other + body.slice(index + 1)
      expect(parseToken(withIt + checksumOf(withIt))).toBeUndefined()
    }),
  )
})

test("no text makes parsing fail", () => {
  fc.assert(fc.property(fc.string({ unit: anyUnit }), (text) => void expect(parseToken(text)).toBeUndefined()))
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

/**
 * The form of a token: it names its kind and its grant, carries 256 secret bits, and ends in a checksum.
 *
 * `gla_` access, `glr_` refresh, `glc_` code · grant id (22 base62) · of a refresh token, the version of the grant's
 * stream at which the append began that issued it (6 base62) · secret (43 base62) · CRC-32 of all that (6 base62). So a
 * token finds its own rows and a refresh token its own entry, a secret scanner recognises it, and a mistyped one is
 * refused without I/O. What is stored of it is the SHA-256 of the whole. A refresh token without a version is from
 * before there was one, and is read for ever.
 */
import { hash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { CodeChallenge, Digest, GrantId, StreamVersion } from "../core/index.ts"

const prefixes = { access: "gla_", refresh: "glr_", code: "glc_" } as const
const kinds = { a: "access", r: "refresh", c: "code" } as const
export type TokenKind = keyof typeof prefixes

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const SECRET_CHARACTERS = 43
/** Of a checksum and of a version: room for 56 800 235 583 entries of one stream. */
const NUMBER_CHARACTERS = 6
const FORM = /^gl([arc])_([0-9A-Za-z]{22})((?<=glr_.{22})[0-9A-Za-z]{6})?[0-9A-Za-z]{49}$/

/** A number in base62, most significant digit first. */
const digitsOf = (number: number): string => {
  let digits = ""
  for (let rest = number; digits.length < NUMBER_CHARACTERS; rest = Math.floor(rest / 62)) {
    digits = ALPHABET[rest % 62]! + digits
  }
  return digits
}

const numberOf = (digits: string): number =>
  [...digits].reduce((number, digit) => number * 62 + ALPHABET.indexOf(digit), 0)

/** `bytes` as a number in base62, most significant digit first, padded to `characters`. */
export const base62 = (bytes: Uint8Array, characters: number): string => {
  // Limbs of 24 bits: with a remainder below 62 in front, each is a number of 30 bits, which is divided fast.
  const limbs: Array<number> = []
  for (let at = ((bytes.length + 2) % 3) - 2; at < bytes.length; at += 3) {
    limbs.push(((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | bytes[at + 2]!)
  }
  const digits = Buffer.allocUnsafe(characters)
  let first = 0
  for (let place = characters - 1; place >= 0; place--) {
    let rest = 0
    for (let at = first; at < limbs.length; at++) {
      const number = (rest << 24) | limbs[at]!
      limbs[at] = (number / 62) | 0
      rest = number % 62
    }
    if (limbs[first] === 0) first++
    digits[place] = ALPHABET.charCodeAt(rest)
  }
  return digits.toString("latin1")
}

const checksum = (text: string): string => digitsOf(crc32(text))

/** The token of `kind` for `grantId` whose secret is these 32 bytes; a refresh token names a version, unless it is an old one. */
export const formatToken = (
  kind: TokenKind,
  grantId: GrantId,
  secret: Uint8Array,
  afterVersion: StreamVersion | null = null,
): string => {
  const version = afterVersion === null ? "" : digitsOf(afterVersion)
  const text = prefixes[kind] + grantId + version + base62(secret, SECRET_CHARACTERS)
  return text + checksum(text)
}

export interface ParsedToken {
  readonly kind: TokenKind
  readonly grantId: GrantId
  /** The version that a refresh token names; `null` for an old one, and for every other kind. */
  readonly afterVersion: StreamVersion | null
  readonly digest: Digest
}

/** Reads a presented token; `undefined` when it is none of ours, or mistyped. */
export const parseToken = (token: string): ParsedToken | undefined => {
  const [, letter, grantId, version] = FORM.exec(token) ?? []
  if (grantId === undefined) return undefined
  if (checksum(token.slice(0, -NUMBER_CHARACTERS)) !== token.slice(-NUMBER_CHARACTERS)) return undefined
  const afterVersion = version === undefined ? null : numberOf(version)
  return {
    kind: kinds[letter as keyof typeof kinds],
    grantId: grantId as GrantId,
    afterVersion,
    digest: digestOf(token),
  }
}

/** SHA-256, base64url: all that is ever stored of a secret. */
export const digestOf = (secret: string): Digest => hash("sha256", secret, "base64url") as Digest

/** The S256 challenge of a well-formed verifier (RFC 7636 4.2). */
export const challengeOf = (verifier: string): CodeChallenge => hash("sha256", verifier, "base64url") as CodeChallenge

/**
 * The form of a token: it names its kind and its grant, carries 256 secret bits, and ends in a checksum.
 *
 * `gla_` access, `glr_` refresh, `glc_` code, `gld_` device code · grant id (22 base62) · of a refresh token, the version of the grant's
 * stream at which the append began that issued it (6 base62) · secret (43 base62) · CRC-32 of all that (6 base62). So a
 * token finds its own rows and a refresh token its own entry, a secret scanner recognises it, and a mistyped one is
 * refused without I/O. What is stored of it is the SHA-256 of the whole. A refresh token without a version is from
 * before there was one, and is read for ever.
 */
import { hash } from "node:crypto"
import { crc32 } from "node:zlib"
import type { CodeChallenge, Digest, GrantId, StreamVersion } from "../core/index.ts"

const prefixes = { access: "gla_", refresh: "glr_", code: "glc_", device: "gld_" } as const
const kinds = new Map<string, TokenKind>([
  ["gla_", "access"],
  ["glr_", "refresh"],
  ["glc_", "code"],
  ["gld_", "device"],
])
export type TokenKind = keyof typeof prefixes

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const PREFIX_CHARACTERS = 4
const ID_CHARACTERS = 22
const SECRET_CHARACTERS = 43
/** Of a checksum and of a version: room for 56 800 235 583 entries of one stream. */
const NUMBER_CHARACTERS = 6
const CHARACTERS = PREFIX_CHARACTERS + ID_CHARACTERS + SECRET_CHARACTERS + NUMBER_CHARACTERS

/** What each character counts for, by its code. */
const digitValues = new Float64Array(128).fill(NaN)
for (let value = 0; value < ALPHABET.length; value++) digitValues[ALPHABET.charCodeAt(value)] = value

/** A number in base62, most significant digit first. */
const digitsOf = (number: number): string => {
  let digits = ""
  for (let rest = number; digits.length < NUMBER_CHARACTERS; rest = Math.floor(rest / 62)) {
    digits = ALPHABET[rest % 62]! + digits
  }
  return digits
}

/** The number that stands between two places of a text; not a number where something there is no digit. */
const numberIn = (text: string, from: number, to = text.length): number => {
  let number = 0
  for (let at = from; at < to; at++) number = number * 62 + digitValues[text.charCodeAt(at)]!
  return number
}

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

/** The token of `kind` for `grantId` whose secret is these 32 bytes; a refresh token names a version, unless it is an old one. */
export const formatToken = (
  kind: TokenKind,
  grantId: GrantId,
  secret: Uint8Array,
  afterVersion: StreamVersion | null = null,
): string => {
  const version = afterVersion === null ? "" : digitsOf(afterVersion)
  const text = prefixes[kind] + grantId + version + base62(secret, SECRET_CHARACTERS)
  return text + digitsOf(crc32(text))
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
  const kind = kinds.get(token.slice(0, PREFIX_CHARACTERS))
  const isVersioned = kind === "refresh" && token.length === CHARACTERS + NUMBER_CHARACTERS
  if (kind === undefined || !(isVersioned || token.length === CHARACTERS)) return undefined
  if (Number.isNaN(numberIn(token, PREFIX_CHARACTERS))) return undefined
  const [idEnd, textEnd] = [PREFIX_CHARACTERS + ID_CHARACTERS, token.length - NUMBER_CHARACTERS]
  if (numberIn(token, textEnd) !== crc32(token.slice(0, textEnd))) return undefined
  return {
    kind,
    grantId: token.slice(PREFIX_CHARACTERS, idEnd) as GrantId,
    afterVersion: isVersioned ? numberIn(token, idEnd, idEnd + NUMBER_CHARACTERS) : null,
    digest: digestOf(token),
  }
}

/** What the rows of an access token are found by: no secret, and nothing to who has no more than that. */
export interface AccessTokenId {
  /** The id of its grant. */
  readonly grantId: string
  /** The SHA-256 of its handle, base64url. */
  readonly digest: string
}

/** The id of an access token as text: grant and digest, as the log has them. */
export const formatAccessTokenId = ({ grantId, digest }: AccessTokenId): string => `${grantId}.${digest}`

/** Reads such an id; `undefined` for anything else. */
export const parseAccessTokenId = (text: string): AccessTokenId | undefined => {
  const [, grantId, digest] = /^([0-9A-Za-z]{22})\.([\w-]{43})$/.exec(text) ?? []
  return grantId === undefined || digest === undefined ? undefined : { grantId, digest }
}

/** Reads a presented token, whatever form it has; later where that has to be looked up. */
export type ReadToken = (token: string) => ParsedToken | undefined | Promise<ParsedToken | undefined>

type Found = string | AccessTokenId | undefined

const parsedOf = (found: Exclude<Found, undefined>): ParsedToken | undefined =>
  typeof found === "string"
    ? parseToken(found)
    : { kind: "access", afterVersion: null, grantId: found.grantId as GrantId, digest: found.digest as Digest }

/** Reads tokens of any of these forms by the handle in them. */
export const tokenReader = <Context>(
  formats: ReadonlyArray<{ readonly handleOf: (token: string, context: Context) => Found | Promise<Found> }>,
  context: Context,
): ReadToken => {
  const readFrom = (token: string, first: number): ReturnType<ReadToken> => {
    for (let index = first; index < formats.length; index++) {
      const found = formats[index]!.handleOf(token, context)
      if (found instanceof Promise) {
        return found.then((later) => (later === undefined ? readFrom(token, index + 1) : parsedOf(later)))
      }
      if (found !== undefined) return parsedOf(found)
    }
    return undefined
  }
  return (token) => readFrom(token, 0)
}

/** SHA-256, base64url: all that is ever stored of a secret. */
export const digestOf = (secret: string): Digest => hash("sha256", secret, "base64url") as Digest

/** The S256 challenge of a well-formed verifier (RFC 7636 4.2). */
export const challengeOf = (verifier: string): CodeChallenge => hash("sha256", verifier, "base64url") as CodeChallenge

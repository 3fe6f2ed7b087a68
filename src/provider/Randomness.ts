/**
 * What comes from outside: randomness, and how long the machine has been up.
 *
 * The only place that draws random numbers; everything else is handed what it needs. Tests hand in their own.
 */
import { randomBytes, randomFillSync } from "node:crypto"
import { uptime } from "node:os"
import type { ClientId, EpochMillis, GrantId, StreamVersion, SubjectId } from "../core/index.ts"
import { USER_CODE_ALPHABET, USER_CODE_CHARACTERS } from "../protocol/index.ts"
import { base62, formatToken, type TokenKind } from "./Token.ts"

/** What a server draws unpredictable bytes from, and tells a machine that slept by. */
export interface Randomness {
  /** `size` unpredictable bytes. */
  readonly bytes: (size: number) => Uint8Array
  /** Milliseconds that the machine has been up, time asleep included. */
  readonly upMillis: () => number
}

const POOL_BYTES = 4096

/** Unpredictable bytes, drawn from the system in larger pieces; what was handed out is wiped from the pool. */
const pooledBytes = (): Randomness["bytes"] => {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return (size) => {
    if (size > POOL_BYTES) return randomBytes(size)
    if (used + size > POOL_BYTES) {
      randomFillSync(pool)
      used = 0
    }
    const bytes = pool.slice(used, used + size)
    pool.fill(0, used, used + size)
    used += size
    return bytes
  }
}

/** The randomness of the operating system. */
//= OAUTH21-7.7-entropy
export const liveRandomness: Randomness = { bytes: pooledBytes(), upMillis: () => uptime() * 1000 }

const ID_CHARACTERS = 22
const PASSWORD_CHARACTERS = 16

const randomId = (randomness: Randomness): string => base62(randomness.bytes(16), ID_CHARACTERS)

export const mintClientId = (randomness: Randomness): ClientId => randomId(randomness) as ClientId
export const mintSubjectId = (randomness: Randomness): SubjectId => `sub_${randomId(randomness)}` as SubjectId
export const mintRequestId = randomId

/**
 * 48 bits of the time and 80 random ones: such ids sort as they were minted, so that an index over them grows at its
 * end instead of everywhere at once. They are no secrets.
 */
const sortedId = (randomness: Randomness, at: EpochMillis): string => {
  const bytes = Buffer.alloc(16)
  bytes.writeUIntBE(at, 0, 6)
  bytes.set(randomness.bytes(10), 6)
  return base62(bytes, ID_CHARACTERS)
}

export const mintGrantId = (randomness: Randomness, at: EpochMillis): GrantId => sortedId(randomness, at) as GrantId
export const mintEventId = sortedId

/** Letters and digits only: clients disagree on how to percent-encode anything else in Basic. */
export const mintClientSecret = (randomness: Randomness): string => `gls_${base62(randomness.bytes(32), 43)}`

/** What a client manages its registration with (RFC 7592). */
export const mintRegistrationToken = (randomness: Randomness): string => `glm_${base62(randomness.bytes(32), 43)}`

/** For a person to type: letters and digits of 95 random bits. */
export const mintPassword = (randomness: Randomness): string => base62(randomness.bytes(12), PASSWORD_CHARACTERS)

/** A code to be read off one screen and typed at another: 34 random bits. */
//= RFC8628-5.1-user-code
export const mintUserCode = (randomness: Randomness): string => {
  const alphabetSize = USER_CODE_ALPHABET.length
  let code = ""
  while (code.length < USER_CODE_CHARACTERS) {
    for (const byte of randomness.bytes(16)) {
      // Every letter is as likely as any other: what would favour some is drawn again.
      if (byte < 256 - (256 % alphabetSize) && code.length < USER_CODE_CHARACTERS) {
        code += USER_CODE_ALPHABET[byte % alphabetSize]!
      }
    }
  }
  return code
}

export const mintToken = (
  randomness: Randomness,
  kind: TokenKind,
  grantId: GrantId,
  afterVersion: StreamVersion | null = null,
): string => formatToken(kind, grantId, randomness.bytes(32), afterVersion)

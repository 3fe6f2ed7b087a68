/**
 * Digests of tokens, codes and client secrets, and salts of old, taken out of an entry that is shown to somebody else.
 *
 * A digest gives no token away, but who has one can recognise the token, and follow it from entry to entry. Digests of
 * what anybody may fetch stay. A new member of type `Digest` does not compile until it stands in the table.
 */
import type { Digest, Event } from "../../core/index.ts"

type DigestMember<T> = T extends string | number | boolean | null | undefined
  ? never
  : T extends ReadonlyArray<infer Item>
    ? DigestMember<Item>
    : { [K in keyof T & string]-?: (Extract<T[K], Digest> extends never ? never : K) | DigestMember<T[K]> }[keyof T &
        string]

const isWithheld: Readonly<Record<DigestMember<Event>, boolean>> = {
  digest: true,
  parent: true,
  accessToken: true,
  // Of the client's metadata document.
  metadataDigest: false,
}

/** What rotations held in their first version: with it and the key ring, an old token leads to a later one. */
const FORMER_SALT = "salt"

const isTokenDigest = (name: string, value: unknown): boolean =>
  typeof value === "string" &&
  (name === FORMER_SALT || (Object.hasOwn(isWithheld, name) && isWithheld[name as keyof typeof isWithheld]))

/** An entry's envelope as it is stored. */
export interface StoredEnvelope {
  readonly actor: string | null
  readonly causationId: string | null
  readonly correlationId: string
  readonly data: unknown
  readonly id: string
  readonly position: number
  readonly recordedAt: number
  readonly schemaVersion: number
  readonly stream: string
  readonly type: string
  readonly version: number
}

export interface RedactedEntry {
  /** What is left. */
  readonly envelope: StoredEnvelope
  readonly digestCount: number
}

/** The envelope of an entry's bytes, which were checked, without the digests of tokens. */
export const redact = (bytes: string): RedactedEntry => {
  let digestCount = 0
  const envelope = JSON.parse(bytes, (name, value: unknown) => {
    if (!isTokenDigest(name, value)) return value
    digestCount++
    return undefined
  }) as StoredEnvelope
  return { envelope, digestCount }
}

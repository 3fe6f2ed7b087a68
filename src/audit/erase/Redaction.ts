/**
 * Redaction: digests of tokens, codes and client secrets, and salts of old entries, are removed from an entry before it
 * is shown to others.
 *
 * A digest reveals no token, but somebody who has the token can recognise it and follow it from entry to entry. Digests
 * of what anybody may fetch stay. A new member of type `Digest` does not compile until it stands in the table.
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
  registrationToken: true,
  deviceCode: true,
  // The digest of the client's metadata document, which is public.
  metadataDigest: false,
}

/**
 * Rotations held a salt in their first version. With it and the key ring, a later token can be derived from an old one.
 */
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
  /** The entry without those digests. */
  readonly envelope: StoredEnvelope
  readonly digestCount: number
}

/** The envelope in the bytes of an entry, which the caller has checked, without the digests of tokens. */
export const redact = (bytes: string): RedactedEntry => {
  let digestCount = 0
  const envelope = JSON.parse(bytes, (name, value: unknown) => {
    if (!isTokenDigest(name, value)) return value
    digestCount++
    return undefined
  }) as StoredEnvelope
  return { envelope, digestCount }
}

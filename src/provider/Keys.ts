/**
 * The key ring: master keys with ids, one HKDF purpose per use.
 *
 * A successor is a MAC over the presented token and a salt that is not in the log. So only somebody who still holds the
 * predecessor can lead to it again, and only for a while: ring and log together mint nothing. The log names the ids of the
 * keys that it was written with. A ring that lacks one of them belongs to another log, and a new ring is never made
 * silently.
 */
import { createHmac, createSecretKey, hash, hkdfSync, type KeyObject } from "node:crypto"
import * as Schema from "effect/Schema"
import { KeyId, type GrantId, type StreamVersion } from "../core/index.ts"
import type { SealingKey } from "../log/index.ts"
import type { Randomness } from "./Randomness.ts"
import { base62, formatToken, type TokenKind } from "./Token.ts"

/** 32 bytes, base64url. */
const Secret = Schema.String.check(Schema.isPattern(/^[0-9A-Za-z_-]{43}$/))

/** One key of a ring. */
const Key = Schema.Struct({ id: KeyId, secret: Secret })

/** A key ring: the key in use first, then those that are kept to repeat what they derived. */
export const KeyRingFile = Schema.Struct({
  /** The keys, the one in use first; the others are kept for what was derived from them. */
  keys: Schema.NonEmptyArray(Key).check(
    Schema.makeFilter((keys) => new Set(keys.map(({ id }) => id)).size === keys.length || "expected one key per id"),
  ),
  /** The ids of keys that were destroyed: a log that names one of them is still the log of this ring. */
  retired: Schema.optionalKey(Schema.Array(KeyId)),
  /** Keys of purposes that outlast the key they were derived from, by the name of the purpose; 32 bytes, base64url. */
  lasting: Schema.optionalKey(Schema.Record(Schema.String, Secret)),
})
export type KeyRingFile = typeof KeyRingFile.Type

export interface Successor {
  readonly kind: TokenKind
  readonly grantId: GrantId
  readonly generation: number
  /** The salt of this rotation; it is destroyed when the retry window has ended. */
  readonly salt: Uint8Array
  /** The presented refresh token: the input that only its holder has. */
  readonly presented: string
  /** The scopes, resources and key of an access token: a different subset gives a different token. */
  readonly subset: string
  /** The version that a refresh token names; `null` for an old one, and for every other kind. */
  readonly afterVersion: StreamVersion | null
}

export interface KeyRing {
  /** The id of the key in use. */
  readonly current: KeyId
  /** Whether a key with this id is, or was, in the ring. */
  readonly has: (id: string) => boolean
  /** The id of the authorization request `text`: the same each time, and not to be guessed. */
  readonly requestId: (text: string) => GrantId
  /**
   * What may stand for a user code in a row, one for each key of the ring, beginning with the one in use: keyed, because
   * whoever has the rows could try all codes.
   */
  readonly userCodeKeys: (userCode: string) => readonly [inUse: string, ...kept: ReadonlyArray<string>]
  /** The successor of a token under a key of the ring; `undefined` when the ring lacks it. */
  readonly derive: (id: KeyId, successor: Successor) => string | undefined
  /**
   * Keys of 32 bytes for a purpose of a feature: one for each key of the ring, beginning with the one in use. The last one
   * stays the same however often the ring is rotated, where the purpose is in {@link LASTING}.
   */
  readonly secrets: (purpose: string) => ReadonlyArray<Uint8Array>
}

const GRANT_ID_CHARACTERS = 22

const purpose = (secret: string, info: string): KeyObject =>
  createSecretKey(
    Buffer.from(hkdfSync("sha256", Buffer.from(secret, "base64url"), Buffer.alloc(0), `grantlog/${info}`, 32)),
  )

const ofFeature = (secret: string, name: string): Uint8Array => purpose(secret, `feature ${name}`).export()

/** Purposes whose keys others' records depend on: who somebody is to a client (OpenID Connect Core 8.1). */
const LASTING = ["pairwise subject"]

/** What has to last of a ring, derived from its oldest key, which stands last until the ring is first rotated. */
export const lastingOf = ({ keys, lasting }: KeyRingFile): Readonly<Record<string, string>> => {
  const { secret } = keys.at(-1)!
  const derived = LASTING.map((name) => [name, Buffer.from(ofFeature(secret, name)).toString("base64url")] as const)
  return { ...Object.fromEntries(derived), ...lasting }
}

export const keyRing = (file: KeyRingFile): KeyRing => {
  const successorKeys = new Map<string, KeyObject>(
    file.keys.map(({ id, secret }) => [id, purpose(secret, "successor")]),
  )
  const requestKey = purpose(file.keys[0].secret, "request id")
  const userCodeKeyOf = (secret: string) => {
    const key = purpose(secret, "user code")
    return (userCode: string) => createHmac("sha256", key).update(userCode).digest("base64url")
  }
  const [{ secret: inUse }, ...kept] = file.keys
  const [userCodeKey, ...keptUserCodeKeys] = [userCodeKeyOf(inUse), ...kept.map(({ secret }) => userCodeKeyOf(secret))]
  return {
    current: file.keys[0].id,
    has: (id) => successorKeys.has(id) || file.retired?.some((one) => one === id) === true,
    requestId: (text) => {
      const mac = createHmac("sha256", requestKey).update(text).digest()
      return base62(mac.subarray(0, 16), GRANT_ID_CHARACTERS) as GrantId
    },
    userCodeKeys: (userCode) => [userCodeKey!(userCode), ...keptUserCodeKeys.map((key) => key(userCode))],
    derive: (id, { kind, grantId, generation, salt, presented, subset, afterVersion }) => {
      const key = successorKeys.get(id)
      if (key === undefined) return undefined
      const mac = createHmac("sha256", key).update(`${kind}\0${generation}\0`).update(salt)
      mac.update(`\0${presented}\0`)
      if (kind === "access") mac.update(hash("sha256", subset, "buffer"))
      return formatToken(kind, grantId, mac.digest(), afterVersion)
    },
    secrets: (name) => [
      ...file.keys.map(({ secret }) => ofFeature(secret, name)),
      ...(file.lasting?.[name] === undefined ? [] : [Buffer.from(file.lasting[name], "base64url")]),
    ],
  }
}

/** Keys that wrap other keys: wrapping takes the key in use, unwrapping any key of the ring. */
export interface WrappingKeys {
  readonly current: SealingKey
  readonly find: (id: string) => SealingKey | undefined
}

export const wrappingKeys = ({ keys }: KeyRingFile, kind: "subject key" | "signing key"): WrappingKeys => {
  const derived = keys.map(({ id, secret }) => ({ id, secret: purpose(secret, kind).export() }))
  return { current: derived[0]!, find: (id) => derived.find((key) => key.id === id) }
}

/** A key of its own. */
export const newRingKey = (randomness: Randomness): typeof Key.Type => ({
  id: `k_${base62(randomness.bytes(8), 11)}` as KeyId,
  secret: Buffer.from(randomness.bytes(32)).toString("base64url"),
})

/** A ring with one new key. */
export const newKeyRing = (randomness: Randomness): KeyRingFile => ({ keys: [newRingKey(randomness)] })

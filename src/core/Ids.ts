/**
 * The names of things: ids, digests, keys.
 *
 * Every id is a branded string, so that none is taken for another. A digest is always SHA-256 in base64url; the secret
 * behind it is in no command, event or state.
 */
import * as Schema from "effect/Schema"

const matching = (pattern: RegExp) => Schema.String.check(Schema.isPattern(pattern))

/** Printable ASCII (RFC 6749 A.1), at most 512 characters; never starts like a {@link SubjectId}. */
//= OAUTH21-7.4-sub-namespace
export const ClientId = matching(/^(?!sub_)[\x21-\x7e]{1,512}$/).pipe(Schema.brand("ClientId"))
export type ClientId = typeof ClientId.Type

/** 128 random bits in base62; also the id of the authorization request that the grant answers. */
export const GrantId = matching(/^[0-9A-Za-z]{22}$/).pipe(Schema.brand("GrantId"))
export type GrantId = typeof GrantId.Type

/** A random id with a prefix no client id has: never a name, never an address. */
export const SubjectId = matching(/^sub_[0-9A-Za-z._~-]{1,64}$/).pipe(Schema.brand("SubjectId"))
export type SubjectId = typeof SubjectId.Type

/** SHA-256 of a high-entropy secret, base64url, 43 characters. */
const DIGEST = /^[0-9A-Za-z_-]{43}$/

/** A SHA-256 in base64url: 43 characters. */
export const Digest = matching(DIGEST).pipe(Schema.brand("Digest"))
export type Digest = typeof Digest.Type

/** A stored digest; `undefined` for anything else. Many are read at a time, for which a schema would be too slow. */
export const digestFrom = (stored: unknown): Digest | undefined =>
  typeof stored === "string" && DIGEST.test(stored) ? (stored as Digest) : undefined

/** The id of a key of the key ring. */
export const KeyId = matching(/^[0-9A-Za-z_-]{1,64}$/).pipe(Schema.brand("KeyId"))
export type KeyId = typeof KeyId.Type

/** RFC 7638 thumbprint of the key that a token is bound to. */
export const Jkt = matching(/^[0-9A-Za-z_-]{43}$/).pipe(Schema.brand("Jkt"))
export type Jkt = typeof Jkt.Type

/** How often an issuer, client or subject has ended everything opened before: a count. */
export const Epoch = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(Schema.brand("Epoch"))
export type Epoch = typeof Epoch.Type

export const nextEpoch = (epoch: Epoch): Epoch => (epoch + 1) as Epoch
export const firstEpoch = 0 as Epoch

/** Text that is shown to people. It has no characters that hide, break or reverse the text beside it. */
export const DisplayText = (maxCharacters: number) =>
  Text(maxCharacters).check(
    Schema.isPattern(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\u00ad\u200b\u2060\ufeff\u{e0000}-\u{e007f}]*$/u),
  )

/** How many refresh tokens a grant has seen: the code is generation 0, the first refresh token 1. */
export const Generation = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)).pipe(Schema.brand("Generation"))
export type Generation = typeof Generation.Type

/** How many entries a stream has: a count. */
export const StreamVersion = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
export type StreamVersion = typeof StreamVersion.Type

/** Well-formed Unicode of bounded length: what may stand in hashed bytes (RFC 8785 has no lone surrogates). */
export const Text = (maxCharacters: number) =>
  Schema.String.check(
    Schema.makeFilter((text: string) => text.isWellFormed() || "expected well-formed Unicode"),
    Schema.isMaxLength(maxCharacters),
  )

export const nextGeneration = (generation: Generation): Generation => (generation + 1) as Generation

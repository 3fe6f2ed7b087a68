/**
 * What numbers are called where the machine wants real ids and digests.
 *
 * A name depends on nothing but the number, so two runs of the same operations are the same to the byte.
 */
import { hash } from "node:crypto"
import type {
  ClientId,
  CodeChallenge,
  Digest,
  GrantId,
  Jkt,
  KeyId,
  RedirectUri,
  SubjectId,
} from "../../src/core/index.ts"
import type { Key, Ref } from "../Operation.ts"

const digests = new Map<string, Digest>()

/** A digest of `text`; remembered, for the same few are asked for again and again. */
export const digestOf = (text: string): Digest => {
  const known = digests.get(text)
  if (known !== undefined) return known
  const digest = hash("sha256", text, "base64url") as Digest
  digests.set(text, digest)
  return digest
}

export const clientIdOf = (ref: Ref): ClientId => `client-${ref}` as ClientId
export const subjectIdOf = (ref: Ref): SubjectId => `sub_${ref}` as SubjectId

const grantIds: Array<GrantId> = []
export const grantIdOf = (ref: Ref): GrantId => (grantIds[ref] ??= String(ref).padStart(22, "0") as GrantId)
export const jktOf = (key: Key | null): Jkt | null => (key === null ? null : (digestOf(key) as string as Jkt))

/** No operation ever opens this grant. */
export const NO_GRANT = "X".repeat(22) as GrantId
export const KEY_ID = "key" as KeyId
export const CHALLENGE = digestOf("verifier") as string as CodeChallenge
export const OTHER_CHALLENGE = digestOf("another verifier") as string as CodeChallenge
export const LOOPBACK_URI = "http://127.0.0.1/callback" as RedirectUri
export const APP_URI = "com.example.app:/callback" as RedirectUri
export const UNREGISTERED_URI = "http://127.0.0.1/elsewhere" as RedirectUri

/**
 * What somebody asks about: a secret, which is hashed at once, or the id of something.
 *
 * A raw token is taken from a file descriptor alone; one among a command's arguments is recognised, to be refused.
 */
import { grantNamedBy, secretDigest } from "../asof/IntrospectAt.ts"
import { readPresentedJwt, type PresentedJwt } from "../asof/PresentedJwt.ts"
import { hasSecret } from "./SecretText.ts"

/** What a text may mean, the likeliest first. The index knows which of them exists. */
export type Meaning =
  | { readonly _tag: "Token"; readonly digest: string }
  | { readonly _tag: "Metadata"; readonly digest: string }
  | { readonly _tag: "Grant"; readonly grantId: string }
  | { readonly _tag: "Client"; readonly clientId: string }
  | { readonly _tag: "Subject"; readonly subjectId: string }

/** What is asked about: what a text may mean, likeliest first. A secret is in it as its digest alone, a JWT by what it says. */
export interface Question {
  /** What the text may mean, the likeliest first; the first that exists is taken. */
  readonly meanings: ReadonlyArray<Meaning>
  /** The grant that a raw token names. The name may be wrong. */
  readonly namedGrant: string | undefined
  /** The text itself if it may be the name of an account. Never set for what may be a secret. */
  readonly name: string | undefined
  /** What a JWT access token says, where one was pasted: it is not believed. */
  readonly jwt?: PresentedJwt
}

const DIGEST = /^[0-9A-Za-z_-]{43}$/
const HEX_DIGEST = /^[0-9a-f]{64}$/i
const GRANT_ID = /^[0-9A-Za-z]{22}$/
const SUBJECT_ID = /^sub_/

const ID_MARK = "id:"

/** The id behind the mark that says that it is not a name. */
export const withoutIdMark = (text: string): string => (text.startsWith(ID_MARK) ? text.slice(ID_MARK.length) : text)

/** The question that an id or a SHA-256 (base64url or hexadecimal) asks, marked as an id or not. */
export const questionOf = (text: string): Question => {
  const id = withoutIdMark(text)
  const marked: ReadonlyArray<Meaning> = id === text ? [] : [{ _tag: "Client", clientId: text }]
  const client: Meaning = { _tag: "Client", clientId: id }
  const digest = DIGEST.test(id) ? id : HEX_DIGEST.test(id) ? Buffer.from(id, "hex").toString("base64url") : undefined
  const meanings = (): ReadonlyArray<Meaning> => {
    if (digest !== undefined) return [{ _tag: "Token", digest }, { _tag: "Metadata", digest }, client]
    if (GRANT_ID.test(id)) return [{ _tag: "Grant", grantId: id }, client]
    return SUBJECT_ID.test(id) ? [{ _tag: "Subject", subjectId: id }] : [client]
  }
  return { meanings: [...meanings(), ...marked], namedGrant: undefined, name: id === text ? text : undefined }
}

/** The question that is asked by pasting: an id if it has the form of one, and else a secret. */
export const pastedQuestion = (text: string): Question => {
  const pasted = text.trim().replace(/^bearer\s+/i, "")
  if (DIGEST.test(pasted) || HEX_DIGEST.test(pasted) || GRANT_ID.test(pasted) || SUBJECT_ID.test(pasted)) {
    return questionOf(pasted)
  }
  const secret: Meaning = { _tag: "Token", digest: secretDigest(pasted) }
  const jwt = readPresentedJwt(pasted)
  if (jwt !== undefined) {
    const { grantId, digest } = jwt.named
    return { meanings: [{ _tag: "Token", digest }, secret], namedGrant: grantId, name: undefined, jwt }
  }
  if (hasSecret(pasted)) return { meanings: [secret], namedGrant: grantNamedBy(pasted), name: undefined }
  const { meanings, name } = questionOf(pasted)
  return { meanings: [secret, ...meanings], namedGrant: undefined, name }
}

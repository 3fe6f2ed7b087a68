/**
 * What a server says went wrong, whatever the answer looks like.
 *
 * RFC 6749 5.2 has two members for it; servers of every make nest them, rename them, or write a sentence. What is found
 * is the server's own code and its own words, cut, escaped, and without anything that is a secret. Decides nothing.
 */
import { brief } from "./ForeignText.ts"
import { member, textIn } from "./LenientReading.ts"

export interface ErrorDetails {
  /** As `invalid_grant`. */
  readonly code?: string
  /** For people. */
  readonly words?: string
}

const CODES = ["error", "error_code", "errorCode", "code", "type", "reason", "status"]
const WORDS = ["error_description", "message", "msg", "detail", "description", "title", "faultstring"]
/** Where servers put all of it one level deeper. */
const INNER = ["error", "errors", "detail", "fault"]
const MAX_DEPTH = 3
const MAX_CODE_CHARACTERS = 100

type Properties = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Properties => typeof value === "object" && value !== null

/** Code and words in a body, however deep they lie; a page of HTML has none. */
export const errorIn = (value: unknown, depth = 0): ErrorDetails => {
  if (typeof value === "string") return value.trimStart().startsWith("<") ? {} : member("words", textIn(value))
  if (!isObject(value) || depth > MAX_DEPTH) return {}
  if (Array.isArray(value)) return errorIn(value[0], depth + 1)
  const inner = INNER.map((name) => errorIn(value[name], depth + 1))
  const own = { ...member("code", textOf(value, CODES)), ...member("words", textOf(value, WORDS)) }
  // A code beside an object that holds the error is one of the answer, such as "error".
  const order = isObject(value["error"]) ? [...inner, own] : [own, ...inner]
  const code = order.find((one) => one.code !== undefined)?.code
  const words = order.find((one) => one.words !== undefined)?.words
  return { ...member("code", code), ...member("words", words === code ? undefined : words) }
}

const textOf = (value: Properties, names: ReadonlyArray<string>): string | undefined =>
  names.map((name) => textIn(value[name])).find((text) => text !== undefined)

/** Whether an answer says of itself that it is an error; empty is absent. */
export const isFault = ({ error, errors, ok, success }: Properties): boolean =>
  hasSomething(error) || hasSomething(errors) || ok === false || success === false

const hasSomething = (value: unknown): boolean => {
  if (isObject(value)) return Object.keys(value).length > 0
  return typeof value === "string" ? textIn(value) !== undefined : Boolean(value)
}

/** The same as it may be shown: none of the secrets, no control characters, not too long. */
export const shown = ({ code, words }: ErrorDetails, secrets: ReadonlyArray<string>): ErrorDetails => {
  const fit = (text: string | undefined, limit?: number) => {
    if (text === undefined) return undefined
    return textIn(brief(without(text, secrets), limit))
  }
  return { ...member("code", fit(code, MAX_CODE_CHARACTERS)), ...member("words", fit(words)) }
}

/** `code (words)`, as far as there are any, with a space before them. */
export const phrase = ({ code, words }: ErrorDetails): string =>
  (code === undefined ? "" : ` ${code}`) + (words === undefined ? "" : ` (${words})`)

/** Shorter than any secret, and so common that a sentence without it would be none. */
const MIN_SECRET_CHARACTERS = 6

/** A server may repeat what it was sent, as it is or encoded as in a form. */
const without = (text: string, secrets: ReadonlyArray<string>): string =>
  secrets
    .filter((secret) => secret.length >= MIN_SECRET_CHARACTERS)
    .flatMap((secret) => [secret, encodeURIComponent(secret), encodeURIComponent(secret).replaceAll("%20", "+")])
    .reduce((rest, secret) => rest.replaceAll(secret, "…"), text)

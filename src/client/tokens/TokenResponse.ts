/**
 * What a token endpoint answered: tokens, an error, or nothing that can be used (RFC 6749 5).
 *
 * Some servers answer an error with 200, some write forms, and each has codes of its own. What the answer says counts,
 * in whatever form it comes; what is empty is absent. Sends nothing and stores nothing.
 */
import type { TokenErrorCode } from "../ClientError.ts"
import { bodyText, jsonIn, membersOf } from "../ResponseBody.ts"
import { isText, member, numberIn, scopeIn, textIn, type Members } from "../LenientReading.ts"
import { isFault, errorIn, type ErrorDetails } from "../ErrorResponse.ts"
import type { OAuthToken } from "../../protocol/index.ts"
import { tokenShapes } from "../Records.ts"

export type TokenResponse =
  | { readonly _tag: "Tokens"; readonly tokens: OAuthToken }
  /** The server said no; `secrets` came beside it. */
  | { readonly _tag: "Fault"; readonly said: ErrorDetails; readonly secrets: ReadonlyArray<string> }
  | { readonly _tag: "Nothing" }

/** `isProven`: whether a key was proven, so that tokens that are bound to it can be used. */
export const readTokenResponse = async (response: Response, isProven = false): Promise<TokenResponse> => {
  const value = await bodyText(response).then(
    (text = "") => jsonIn(text) ?? formIn(text) ?? text.trim(),
    () => undefined,
  )
  const members = membersOf(value)
  const fault = () => ({ _tag: "Fault", said: errorIn(value), secrets: secretsIn(members) }) as const
  if (!response.ok || isFault(members)) return fault()
  const tokens = tokensIn(members, isProven)
  if (tokens !== undefined) return { _tag: "Tokens", tokens }
  // Who meant to give a token said nothing of a fault, whatever else the answer says.
  const isRefusal = textIn(members["access_token"]) === undefined && Object.keys(errorIn(value)).length > 0
  return isRefusal ? fault() : { _tag: "Nothing" }
}

/** A form, if it is one about tokens: any sentence with an equals sign could be read as one. */
const formIn = (text: string): Members | undefined => {
  if (text.trimStart().startsWith("<")) return undefined
  const fields = new URLSearchParams(text.trim())
  return fields.has("access_token") || fields.has("error") ? Object.fromEntries(fields) : undefined
}

const TOKENS = ["access_token", "refresh_token", "id_token"]

const secretsIn = (members: Members): ReadonlyArray<string> =>
  TOKENS.map((name) => textIn(members[name])).filter((text) => text !== undefined)

const tokensIn = (members: Members, isProven: boolean): OAuthToken | undefined => {
  const { access_token, token_type: type = "Bearer" } = members
  const token_type = isText(type) ? (textIn(type) ?? "Bearer") : ""
  const isUsable = ["bearer", ...(isProven ? ["dpop"] : [])].includes(token_type.toLowerCase())
  if (!isUsable || !tokenShapes.access_token(access_token)) return undefined
  return {
    access_token,
    token_type,
    ...member("expires_in", numberIn(members["expires_in"])),
    ...member("scope", scopeIn(members["scope"])),
    ...member("refresh_token", textIn(members["refresh_token"])),
  }
}

/** What a refusal means for what is stored. */
export const meaningOf = (status: number, { code, words }: ErrorDetails): TokenErrorCode => {
  const said = wordsOf(code ?? "")
  if (isOver(said)) return "grant_ended"
  if (status >= 500 || status === 429 || isPassing(said)) return "server_unavailable"
  if (isOfTheClient(said)) return "client_refused"
  if (!STANDARD.has(said.join(" ")) && isOverInWords(words ?? "")) return "grant_ended"
  // RFC 6749 5.2 has 401 for clients alone, and whoever has no code for it means what it says.
  const isUnauthorized = said.length === 0 || hasOneOf(said, "unauthorized", "unauthenticated")
  return status === 401 && isUnauthorized ? "client_refused" : "request_refused"
}

/** Lower-case words of a code or a sentence, however they are joined. */
const wordsOf = (text: string): ReadonlyArray<string> =>
  text
    .replaceAll(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z]+/)
    .filter((word) => word !== "")

const hasOneOf = (words: ReadonlyArray<string>, ...some: ReadonlyArray<string>): boolean =>
  some.some((word) => words.includes(word))

const GONE = ["invalid", "bad", "expired", "revoked", "unknown", "used", "reused", "found", "incorrect", "inactive"]

/** Codes that say of something else that it is wrong. */
const ELSEWHERE = ["client", "request", "scope", "target", "type", "response"]

/** `invalid_grant`, and what servers write for it: the login is over, or wants the user. */
const isOver = (said: ReadonlyArray<string>): boolean => {
  if (hasOneOf(said, ...ELSEWHERE)) return false
  if (hasOneOf(said, "required")) return hasOneOf(said, "login", "interaction", "consent", "mfa")
  return hasOneOf(said, "grant", "refresh", "token", "session", "verification") && hasOneOf(said, ...GONE)
}

const isPassing = (said: ReadonlyArray<string>): boolean =>
  hasOneOf(said, "unavailable", "temporarily", "internal", "timeout", "rate", "many", "slow", "busy", "overloaded") ||
  (hasOneOf(said, "server") && hasOneOf(said, "error"))

const isOfTheClient = (said: ReadonlyArray<string>): boolean =>
  hasOneOf(said, "client") && hasOneOf(said, "unauthorized", "disabled", ...GONE)

/** Codes whose meaning no sentence beside them changes (RFC 6749 5.2, RFC 8707 2). */
const STANDARD: ReadonlySet<string> = new Set(["invalid scope", "invalid target", "unsupported grant type"])

/** Servers without a code for it, or with `invalid_request` for everything, say it in a sentence. */
const isOverInWords = (text: string): boolean => {
  const words = wordsOf(text)
  const isOfIt = words.some((word, index) => word === "refresh" && words[index + 1] === "token")
  const isMissing = hasOneOf(words, "missing", "required", "parameter")
  return isOfIt && !isMissing && hasOneOf(words, "valid", "exist", ...GONE)
}

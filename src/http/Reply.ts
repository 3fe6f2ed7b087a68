/** Replies that are used all over: JSON, pages, redirects, and the errors of each family. */
import type { OAuthErrorCode } from "../protocol/index.ts"
import type { WireReply } from "../provider/features/Wire.ts"

/** For everything that carries, or could carry, a secret. */
//= OAUTH21-3.2.3-no-store
export const noStore = { "cache-control": "no-store", pragma: "no-cache" } as const

/** For JSON that says the same to everybody. */
export const jsonHeaders = { "content-type": "application/json", "x-content-type-options": "nosniff" } as const
const secretJsonHeaders = { ...jsonHeaders, ...noStore }

/** JSON that nobody keeps, by default. */
export const json = (status: number, body: unknown, headers: WireReply["headers"] = secretJsonHeaders): WireReply => ({
  status,
  headers,
  body: JSON.stringify(body),
})

/** Only the characters that error texts may have: printable ASCII without `"` and `\`. */
//= OAUTH21-3.2.4-error-charset
export const errorText = (text: string): string =>
  text
    .replaceAll('"', "'")
    .replaceAll("\\", "/")
    .replaceAll(/[^\x20-\x7e]/g, "?")

/** An error as JSON (RFC 6749 5.2, RFC 7591 3.2.2). */
export const errorReply = (
  status: number,
  error: OAuthErrorCode,
  description: string,
  headers: WireReply["headers"] = {},
): WireReply => json(status, { error, error_description: errorText(description) }, { ...secretJsonHeaders, ...headers })

/** 303: the method becomes GET and nothing of the request goes along. */
//= OAUTH21-7.5.3-no-307
export const redirect = (location: string): WireReply => {
  // INVARIANT: what stands in a header is printable ASCII; somebody else's provider may say anything.
  if (!URL.canParse(location) || !/^[\x21-\x7e]+$/.test(location)) throw new Error("the address to go to is not a URI")
  return { status: 303, headers: { location, ...noStore, "referrer-policy": "no-referrer" }, body: "" }
}

/** Another time: the store cannot be read or written now, or somebody asks too often. */
export const comeAgain = (status: 429 | 503, retryAfterSeconds: number, description: string): WireReply =>
  errorReply(status, "temporarily_unavailable", description, { "retry-after": String(Math.ceil(retryAfterSeconds)) })

/**
 * The token of a request: out of one `Authorization` header, and from nowhere else.
 *
 * Query and body are never looked at (OAuth 2.1 5.1): what stands there is not for us.
 */

/** Larger than any token that a header of Node's default size leaves room for would sensibly be. */
const MAX_TOKEN_CHARACTERS = 8192

export type Presented =
  | { readonly _tag: "Token"; readonly token: string }
  /** By the scheme for tokens that are bound to a key: good for nothing without a proof (RFC 9449 7.1). */
  | { readonly _tag: "BoundToken"; readonly token: string }
  /** Nothing, or a scheme that is not ours: the client may not know that a token is needed. */
  | { readonly _tag: "Absent" }
  /** A header that cannot be read as one token. */
  | { readonly _tag: "Malformed" }
  /** One string, but none that anybody issues. */
  | { readonly _tag: "NoToken" }

/** RFC 6750 2.1: `b64token`, of bounded length. */
export const isBearerToken = (text: string): boolean =>
  text.length <= MAX_TOKEN_CHARACTERS && /^[A-Za-z0-9\-._~+/]+=*$/.test(text)

/** `values` are all `Authorization` headers of the request; several may also have come joined by commas. */
//= OAUTH21-5.1.1-bearer-header
//= OAUTH21-5.1-no-query-token
export const presentedToken = (values: ReadonlyArray<string>): Presented => {
  const [value, ...others] = values
  if (value === undefined) return { _tag: "Absent" }
  if (others.length > 0) return { _tag: "Malformed" }
  const [, scheme = "", rest = ""] = /^([^ ]*) *(.*)$/s.exec(value.trim()) ?? []
  const isBound = scheme.toLowerCase() === "dpop"
  if (!isBound && scheme.toLowerCase() !== "bearer") return { _tag: "Absent" }
  if (rest === "" || /[\s,]/.test(rest)) return { _tag: "Malformed" }
  if (!isBearerToken(rest)) return { _tag: "NoToken" }
  return { _tag: isBound ? "BoundToken" : "Token", token: rest }
}

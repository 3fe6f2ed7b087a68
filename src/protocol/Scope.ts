/**
 * Scope: a set of case-sensitive tokens (RFC 6749 3.3).
 *
 * Kept in the order it was asked for, without repetitions; compared as a set. Never written as an empty string: a
 * grant without scope has none in its answers.
 */

export const MAX_SCOPES = 64

/** One scope token: printable ASCII without space, `"` and `\`, at most 128 characters. */
//= RFC6749-3.3-scope-syntax
export const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/

/**
 * OpenID Connect's word for a refresh token. Those depend on the client's grant types here, so that it is understood
 * where the client has them, and a scope of this server only where the operator names it as one.
 */
export const OFFLINE_ACCESS = "offline_access"

/** The scope by which a client asks who somebody is (OpenID Connect Core 3.1.2.1). */
export const OPENID = "openid"

/** The tokens of a scope parameter as they stand there, whatever they are; empty text is no scope. */
export const scopeTokens = (text: string): ReadonlyArray<string> => text.split(" ").filter((token) => token !== "")

/** The tokens, each once; `undefined` when one is ill-formed or there are more than 64. */
export const readScope = (text: string): ReadonlyArray<string> | undefined => {
  const tokens = [...new Set(scopeTokens(text))]
  return tokens.length <= MAX_SCOPES && tokens.every((token) => SCOPE_TOKEN.test(token)) ? tokens : undefined
}

/** Scopes as the value of a `scope` parameter (RFC 6749 section 3.3). */
export const formatScopes = (scopes: ReadonlyArray<string>): string => scopes.join(" ")

export const isSubset = <A>(asked: ReadonlyArray<A>, granted: ReadonlyArray<A>): boolean =>
  asked.every((one) => granted.includes(one))

export const isSameSet = <A>(left: ReadonlyArray<A>, right: ReadonlyArray<A>): boolean =>
  isSubset(left, right) && isSubset(right, left)

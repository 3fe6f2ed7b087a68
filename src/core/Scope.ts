/**
 * Scope: a set of case-sensitive tokens (RFC 6749 3.3).
 *
 * Kept in the order it was asked for, without repetitions; compared as a set. Never written as an empty string: a
 * grant without scope has none in its answers.
 */
import * as Schema from "effect/Schema"

/** One scope token: printable ASCII without space, `"` and `\`. */
//= RFC6749-3.3-scope-syntax
export const Scope = Schema.String.check(
  Schema.isPattern(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, {
    expected: "a scope of printable ASCII without spaces, quotes and backslashes",
  }),
).pipe(Schema.brand("Scope"))
export type Scope = typeof Scope.Type

/**
 * OpenID Connect's word for a refresh token. Those depend on the client's grant types here, so that it is understood
 * where the client has them, and a scope of this server only where the operator names it as one.
 */
export const OFFLINE_ACCESS = "offline_access"

const MAX_SCOPES = 64

export const Scopes = Schema.Array(Scope).check(Schema.isMaxLength(MAX_SCOPES))
export type Scopes = typeof Scopes.Type

const isScope = Schema.is(Scope)

/** Splits a scope parameter; `undefined` when a token is ill-formed or there are more than 64. Empty text is no scope. */
export const parseScopes = (text: string): Scopes | undefined => {
  const tokens = [...new Set(text.split(" ").filter((token) => token !== ""))]
  return tokens.length <= MAX_SCOPES && tokens.every((token) => isScope(token)) ? (tokens as Array<Scope>) : undefined
}

export const formatScopes = (scopes: Scopes): string => scopes.join(" ")

export const isSubset = <A>(asked: ReadonlyArray<A>, granted: ReadonlyArray<A>): boolean =>
  asked.every((one) => granted.includes(one))

export const isSameSet = <A>(left: ReadonlyArray<A>, right: ReadonlyArray<A>): boolean =>
  isSubset(left, right) && isSubset(right, left)

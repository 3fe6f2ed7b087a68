/** Scopes as the core keeps them: only what is well-formed, by its type (RFC 6749 3.3). */
import * as Schema from "effect/Schema"
import { MAX_SCOPES, SCOPE_TOKEN, readScope } from "../protocol/Scope.ts"

/** One scope token: printable ASCII without space, `"` and `\`. */
export const Scope = Schema.String.check(
  Schema.isPattern(SCOPE_TOKEN, {
    expected: "a scope of printable ASCII without spaces, quotes and backslashes",
  }),
).pipe(Schema.brand("Scope"))
export type Scope = typeof Scope.Type

/** A set of scope tokens (RFC 6749 section 3.3): at most 64. */
export const Scopes = Schema.Array(Scope).check(Schema.isMaxLength(MAX_SCOPES))
export type Scopes = typeof Scopes.Type

/** Splits a scope parameter; `undefined` when a token is ill-formed or there are more than 64. Empty text is no scope. */
export const parseScopes = (text: string): Scopes | undefined => readScope(text) as Scopes | undefined

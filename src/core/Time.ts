/**
 * Time, as the core knows it: milliseconds since the epoch, which every command brings with it.
 *
 * Nothing here reads a clock. A thing is live iff now < expiresAt (RFC 7519 4.1.4 reads likewise): at its expiry it is
 * dead.
 */
import * as Schema from "effect/Schema"

const MAX_MILLIS = 8_640_000_000_000_000

/** Milliseconds since 1970-01-01T00:00Z. */
export const EpochMillis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MAX_MILLIS })).pipe(
  Schema.brand("EpochMillis"),
)
export type EpochMillis = typeof EpochMillis.Type

/** A duration in milliseconds. */
export const Millis = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MAX_MILLIS })).pipe(
  Schema.brand("Millis"),
)
export type Millis = typeof Millis.Type

/** How long things live; all finite, all configurable. `retryWindow` may be 0: then no refresh is ever answered twice. */
export const Lifetimes = Schema.Struct({
  /** How long somebody may take to answer an authorization request. */
  request: Millis,
  /** How long a code can be redeemed. */
  code: Millis,
  /** How long an access token is good for. */
  accessToken: Millis,
  /** How long a refresh token is good for if it is not used. */
  refreshIdle: Millis,
  /** How long anything that comes of a grant is good for, at most. */
  grant: Millis,
  /** How long a spent refresh token is answered with its successor again. */
  retryWindow: Millis,
})
export type Lifetimes = typeof Lifetimes.Type

/** Whole seconds as a duration. */
export const inSeconds = (count: number): Millis => (count * 1000) as Millis

/** Milliseconds as whole seconds, never later than they are. */
export const wholeSeconds = (millis: number): number => Math.floor(millis / 1000)

/** What a clock or a stored time says, as a moment: whole, and within what a date can say. */
export const momentOf = (millis: number): EpochMillis =>
  Math.min(Math.max(Math.trunc(millis) || 0, 0), MAX_MILLIS) as EpochMillis

/** How long things live by default, in milliseconds. */
//= OAUTH21-4.1.2-code-short-life
//= MCP-AUTHZ-as-short-lived
export const defaultLifetimes: Lifetimes = {
  request: inSeconds(600),
  code: inSeconds(60),
  accessToken: inSeconds(3600),
  refreshIdle: inSeconds(30 * 86_400),
  grant: inSeconds(365 * 86_400),
  retryWindow: inSeconds(30),
}

/** Whether something is alive: its end is not yet reached. Both in milliseconds since the epoch. */
export const isLive = (now: EpochMillis, expiresAt: EpochMillis): boolean => now < expiresAt

/** `at + lifetime`, never past `end`: nothing outlives its grant. */
//= RTEXP-5-never-outlive-grant
export const expiry = (at: EpochMillis, lifetime: Millis, end: EpochMillis): EpochMillis =>
  Math.min(at + lifetime, end) as EpochMillis

/** The end of something that has no end above it, within what a date can say. */
export const endOf = (at: EpochMillis, lifetime: Millis): EpochMillis => expiry(at, lifetime, MAX_MILLIS as EpochMillis)

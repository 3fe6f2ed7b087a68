/**
 * What to do with the tokens at hand: use them, refresh them, wait, or log in.
 *
 * Pure. Tokens are refreshed a little early by the client's own clock. After a failure the client waits longer each
 * time, and goes on with an access token that is still alive. A refresh token whose answer was lost may be spent: to a
 * server that does not answer it again alike, it is shown again only when there is nothing left to lose.
 */
import { textIn } from "../LenientReading.ts"
import type { ServerOAuthMetadata } from "../discovery/ServerMetadata.ts"
import type { StoredTokens } from "../storage/TokenStorage.ts"

/** How much earlier than its end a token is replaced: clocks differ, and requests take time. */
export const SKEW_MILLIS = 30_000
const FIRST_WAIT_MILLIS = 1_000
const LONGEST_WAIT_MILLIS = 5 * 60_000

/** A server may say any number; none leads to a time that no clock and no store has. */
const LONGEST_LIFE_SECONDS = 100 * 365 * 86_400

/**
 * When tokens end that live so long from `since` on, in milliseconds since the epoch. A life of nothing is none that a
 * server means: it is as good as not said, and the resource tells when the token is over.
 */
export const endOfLife = (since: number, seconds: number | undefined): { readonly expiresAt?: number } =>
  seconds === undefined || seconds <= 0 ? {} : { expiresAt: since + Math.min(seconds, LONGEST_LIFE_SECONDS) * 1000 }

/** The refresh token at hand; one that is empty is none, whoever stored it. */
export const refreshTokenOf = ({ tokens }: StoredTokens): string | undefined => textIn(tokens.refresh_token)

/** What went wrong with refreshing one token, so far. */
export interface RefreshFailures {
  readonly refreshToken: string
  readonly failureCount: number
  /** Not asked again before; milliseconds since the epoch. */
  readonly notBefore: number
  /**
   * Set when an answer was lost, so that the token may be spent: until then the server answers it again alike. 0 where it
   * never does.
   */
  readonly repeatableUntil?: number
}

export type Advice = "use" | "refresh" | "wait" | "login"

/** What to do now; `rejected` is an access token that the resource refused. */
export const adviceFor = (
  stored: StoredTokens | undefined,
  now: number,
  failures: RefreshFailures | undefined,
  rejected?: string,
): Advice => {
  if (stored === undefined) return "login"
  const refreshToken = refreshTokenOf(stored)
  const isRejected = stored.tokens.access_token === rejected
  const isAlive = !isRejected && (stored.expiresAt === undefined || now < stored.expiresAt)
  if (isAlive && !isDue(stored, now)) return "use"
  if (refreshToken === undefined) return isAlive ? "use" : "login"
  if (failures?.refreshToken !== refreshToken) return "refresh"
  const isPerhapsSpent = failures.repeatableUntil !== undefined && now >= failures.repeatableUntil
  if (now < failures.notBefore || (isPerhapsSpent && isAlive)) return isAlive ? "use" : "wait"
  return "refresh"
}

/** Short-lived tokens are replaced in the last tenth of their life, or they would never be used. */
const isDue = ({ tokens, expiresAt }: StoredTokens, now: number): boolean => {
  if (expiresAt === undefined) return false
  const life = (tokens.expires_in ?? 0) * 1000
  return now >= expiresAt - Math.min(SKEW_MILLIS, life / 10)
}

export interface Failure {
  readonly refreshToken: string
  readonly now: number
  readonly retryAfterSeconds: number | undefined
  readonly isReplyLost: boolean
  /** Until when the server answers this refresh again alike, counted from when it was first sent; 0 for never. */
  readonly repeatableUntil: number
}

export const afterFailure = (before: RefreshFailures | undefined, failure: Failure): RefreshFailures => {
  const { refreshToken, now, retryAfterSeconds, isReplyLost } = failure
  const earlier = before?.refreshToken === refreshToken ? before : undefined
  const failureCount = (earlier?.failureCount ?? 0) + 1
  const wait = Math.min(FIRST_WAIT_MILLIS * 2 ** (failureCount - 1), LONGEST_WAIT_MILLIS)
  // The first loss counts: the server may have rotated then.
  const repeatableUntil = earlier?.repeatableUntil ?? (isReplyLost ? failure.repeatableUntil : undefined)
  return {
    refreshToken,
    failureCount,
    notBefore: now + Math.max(wait, Math.min((retryAfterSeconds ?? 0) * 1000, LONGEST_WAIT_MILLIS)),
    ...(repeatableUntil === undefined ? {} : { repeatableUntil }),
  }
}

/** For how long after its rotation the server answers a refresh token again alike, in milliseconds; 0 is never. */
export const retryWindowMillis = (metadata: ServerOAuthMetadata, isPublic: boolean): number => {
  const window = metadata.grantlog_refresh_retry_window
  return window === undefined ? 0 : 1000 * (isPublic ? window.public : window.confidential)
}

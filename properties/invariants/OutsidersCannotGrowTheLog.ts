/**
 * Whoever proves nothing can write next to nothing: a bounded number of failed attempts at each code.
 *
 * And whoever is nobody's (without an account here, and with clients that it registered itself) adds no more to a store in
 * an hour than a budget, whatever it does and from however many sources.
 */
import { MAX_REFUSED_ATTEMPTS, MAX_RETRIES } from "../../src/core/index.ts"
import { grantOf, isByOwner } from "../model/About.ts"
import type { Move } from "../Machine.ts"
import { eventsOf, eventsOfType, openGrantBefore } from "./evidence/Events.ts"
import { isProven } from "./evidence/Proof.ts"
import type { Invariant, Objection } from "./Invariant.ts"

const onMove = (move: Move): Objection => {
  const events = eventsOf(move)
  if (events.length === 0) return undefined
  const decided = move.decided!
  const grant = openGrantBefore(move)
  const attempt = eventsOfType(move, "AuthorizationCodeAttemptRefused")
  if (attempt.length > 0 && (grant?.code?.refusedCount ?? MAX_REFUSED_ATTEMPTS) >= MAX_REFUSED_ATTEMPTS) {
    return `more than ${MAX_REFUSED_ATTEMPTS} wrong attempts at one code are recorded`
  }
  const retry = eventsOfType(move, "RefreshTokenRetried")
  if (retry.length > 0 && (grant?.refresh?.previous?.retryCount ?? MAX_RETRIES) >= MAX_RETRIES) {
    return `more than ${MAX_RETRIES} retries of one refresh token are recorded`
  }
  return events.length === attempt.length || isProven(decided)
    ? undefined
    : `${events[0]!._tag} is recorded for a call that proves nothing`
}

/** What strangers may add to a store in an hour at the default limits. */
export const STRANGERS_BYTES_AN_HOUR = 20_000_000

export const OutsidersCannotGrowTheLog: Invariant = {
  name: "OutsidersCannotGrowTheLog",
  sentence:
    "Nobody without a proof makes the log grow by more than a constant per grant and a rate of registrations: 20 MB an hour at the default limits.",
  requirements: ["OAUTH21-2.4.1-bruteforce"],
  attacks: ["A39"],
  situation: "something is presented, or revoked, without the proof of its owner",
  isAtStake: (before, { operation }) => {
    if (operation._tag === "Register") return operation.flaw !== null
    if (operation._tag !== "Redeem" && operation._tag !== "Refresh" && operation._tag !== "Revoke") return false
    const grant = grantOf(before, operation)
    return grant === undefined || !isByOwner(before, operation, grant)
  },
  onMove: (_before, _operation, move) => onMove(move),
  onGrowth: ({ bytes, hours }) =>
    bytes > STRANGERS_BYTES_AN_HOUR * hours
      ? `strangers added ${Math.round(bytes / 1000)} kB in ${hours} hours, of at most ${(STRANGERS_BYTES_AN_HOUR * hours) / 1000} kB`
      : undefined,
  onStore: ({ entries }) => {
    const counts = new Map<string, number>()
    for (const { stream, text } of entries) {
      if (text.includes("AuthorizationCodeAttemptRefused")) counts.set(stream, (counts.get(stream) ?? 0) + 1)
    }
    const most = [...counts].find(([, count]) => count > MAX_REFUSED_ATTEMPTS)
    return most && `stream ${most[0]} has ${most[1]} wrong attempts at one code`
  },
}

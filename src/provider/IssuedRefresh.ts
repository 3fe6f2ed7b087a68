/**
 * Recognising a refresh token that is too old for any row to know, by the entry that it names.
 *
 * The token names the version of its grant's stream at which the append began that issued it, so reading a few entries
 * is enough. An older token, which names no version, is found by the digest index of the log. Naming a place proves
 * nothing: only an event that issued this very digest counts.
 */
import * as Effect from "effect/Effect"
import type { Event } from "../core/index.ts"
import type { EventLog, Recorded, StoreFault } from "../log/index.ts"
import type { ParsedToken } from "./Token.ts"

export type IssuedRefresh = Extract<Event, { _tag: "RefreshTokenIssued" | "RefreshTokenRotated" }>

/** A refresh token is at most at this place among the entries of its append. */
const LAST_PLACE = 3

const named = (log: EventLog, { grantId, afterVersion, digest }: ParsedToken) =>
  afterVersion === null
    ? Effect.map(log.readUnversioned(digest), (entry): ReadonlyArray<Recorded> => (entry === undefined ? [] : [entry]))
    : log.readStream(`grant-${grantId}`, afterVersion, LAST_PLACE)

export const issuedRefresh = (
  log: EventLog,
  parsed: ParsedToken,
): Effect.Effect<IssuedRefresh | undefined, StoreFault> =>
  Effect.map(named(log, parsed), (entries) =>
    entries
      .map(({ event }) => event)
      .filter((event) => event._tag === "RefreshTokenIssued" || event._tag === "RefreshTokenRotated")
      // INVARIANT: a grant id and a version without the digest of what was issued there do nothing (OnlyTheOwnerCanHarm).
      .find(({ grantId, digest }) => grantId === parsed.grantId && digest === parsed.digest),
  )

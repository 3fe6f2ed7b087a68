/**
 * Browser sessions: who is signed in where, as rows under the digest of a random id; outside the log, and no part of it.
 *
 * The id itself is in a cookie and nowhere else, so the database alone signs nobody in. A session ends by itself when
 * it is not used for a while, and at the latest a fixed time after the login, whatever it was used for.
 */
import * as Effect from "effect/Effect"
import {
  momentOf,
  type Digest,
  type EpochMillis,
  type LoginContext,
  type Millis,
  type SubjectId,
} from "../core/index.ts"
import type { StoreFault } from "../log/index.ts"
import type { AccountStanding } from "./AccountStanding.ts"
import type { Randomness } from "./Randomness.ts"
import type { ServerStore } from "./ServerStore.ts"
import type { Beginning, Session } from "./SessionRows.ts"
import { digestOf } from "./Token.ts"

export interface SessionLifetimes {
  /** Until a session that nobody uses ends. */
  readonly idle: Millis
  /** Until every session ends. */
  readonly absolute: Millis
}

/** Browser sessions of the built-in login. Times (`at`) are in milliseconds since the epoch. */
export interface Sessions {
  /**
   * A new session with an id that nobody else knows, in the place of one that the browser had; `undefined` when the
   * account does not stand any more as it was seen. What has ended is removed by the way, and of more than
   * 100 the one that was used longest ago is ended. `login` is what the login says of itself; by default nothing but the
   * time. A time after `at` is none: then it is `at`.
   */
  readonly open: (
    standing: AccountStanding,
    at: EpochMillis,
    replacedId?: string,
    login?: Partial<LoginContext>,
  ) => Effect.Effect<{ readonly id: string; readonly session: Session } | undefined, StoreFault>
  /** The session of that id, if it is alive. Changes nothing. */
  readonly find: (id: string, at: EpochMillis) => Effect.Effect<Session | undefined, StoreFault>
  /** Notes that a session was used: at most once a minute, so that looking at pages writes next to nothing. */
  readonly touch: (session: Session, at: EpochMillis) => Effect.Effect<void, StoreFault>
  /** The sessions of a subject that are alive, the latest login first. */
  readonly list: (subjectId: SubjectId, at: EpochMillis) => Effect.Effect<ReadonlyArray<Session>, StoreFault>
  /** Ends a session. */
  readonly end: (digest: Digest) => Effect.Effect<void, StoreFault>
  /** Ends the sessions of a subject, but for one if that is named. */
  readonly endAll: (subjectId: SubjectId, except?: string) => Effect.Effect<void, StoreFault>
}

const TOUCH_EVERY_MILLIS = 60_000

/** When a session ends if it is not used after `at`. */
const endOf = ({ idle, absolute }: SessionLifetimes, authenticatedAt: number, at: number): number =>
  Math.min(at + idle, authenticatedAt + absolute)

/** A session that is to begin, with the id that its browser gets. */
export const newSession = (
  randomness: Randomness,
  lifetimes: SessionLifetimes,
  { account: { subjectId } }: AccountStanding,
  at: EpochMillis,
  replacedId: string | undefined,
  { authTime = at, ...how }: Partial<LoginContext>,
): Beginning & { readonly id: string } => {
  const id = Buffer.from(randomness.bytes(32)).toString("base64url")
  // INVARIANT: how long a session lasts follows from when it began: a login elsewhere may be older than that.
  const session: Session = {
    digest: digestOf(id),
    subjectId,
    authenticatedAt: at,
    login: { authTime: momentOf(Math.min(authTime, at)), ...how },
    seenAt: at,
    expiresAt: endOf(lifetimes, at, at),
  }
  return { id, session, replaced: replacedId === undefined ? undefined : digestOf(replacedId) }
}

export const sessionsOf = (
  { side }: Pick<ServerStore, "side">,
  randomness: Randomness,
  lifetimes: SessionLifetimes,
): Sessions => ({
  open: (standing, at, replacedId, login = {}) =>
    Effect.suspend(() => {
      const { id, session, replaced } = newSession(randomness, lifetimes, standing, at, replacedId, login)
      return Effect.map(side.openSession(standing, session, replaced), (isOpened) =>
        isOpened ? { id, session } : undefined,
      )
    }),
  find: (id, at) => side.session(digestOf(id), at),
  touch: (session, at) =>
    at < session.seenAt + TOUCH_EVERY_MILLIS
      ? Effect.void
      : side.touchSession({ ...session, seenAt: at, expiresAt: endOf(lifetimes, session.authenticatedAt, at) }),
  list: side.sessions,
  end: side.endSession,
  endAll: side.endSessions,
})

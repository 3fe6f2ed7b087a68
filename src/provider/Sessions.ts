/**
 * Browser sessions: who is signed in where, as rows under the digest of a random id; outside the log, and no part of it.
 *
 * The id itself is in a cookie and nowhere else, so the database alone signs nobody in. A session ends by itself when
 * it is not used for a while, and at the latest a fixed time after the login, whatever it was used for.
 */
import { Effect } from "effect"
import type { Digest, EpochMillis, Millis, SubjectId } from "../core/index.ts"
import { sessionTable, type EventLog, type Row, type RowReader, type RowWriter, type StoreFault } from "../log/index.ts"
import { stillStands, type AccountStanding } from "./AccountStanding.ts"
import { storedDigest, storedSubjectId } from "./Decoding.ts"
import type { Secrets } from "./Secrets.ts"
import { digestOf } from "./Token.ts"

/** Times in milliseconds since the epoch. `digest` names a session without being able to sign in. */
export interface Session {
  readonly digest: Digest
  readonly subjectId: SubjectId
  readonly authenticatedAt: number
  readonly seenAt: number
  readonly expiresAt: number
}

export interface SessionLifetimes {
  /** Until a session that nobody uses ends. */
  readonly idle: Millis
  /** Until every session ends. */
  readonly absolute: Millis
}

export interface Sessions {
  /**
   * A new session with an id that nobody else knows, in the place of one that the browser had; `undefined` when the
   * account does not stand any more as it was seen. What has ended is removed by the way, and of more than
   * {@link MAX_SESSIONS} the one that was used longest ago is ended.
   */
  readonly open: (
    standing: AccountStanding,
    at: EpochMillis,
    replacedId?: string,
  ) => Effect.Effect<{ readonly id: string; readonly session: Session } | undefined, StoreFault>
  /** The session of that id, if it is alive. Changes nothing. */
  readonly find: (id: string, at: EpochMillis) => Effect.Effect<Session | undefined, StoreFault>
  /** Notes that a session was used: at most once a minute, so that looking at pages writes next to nothing. */
  readonly touch: (session: Session, at: EpochMillis) => Effect.Effect<void, StoreFault>
  /** The sessions of a subject that are alive, the latest login first. */
  readonly list: (subjectId: SubjectId, at: EpochMillis) => Effect.Effect<ReadonlyArray<Session>, StoreFault>
  readonly end: (digest: Digest) => Effect.Effect<void, StoreFault>
  /** Ends the sessions of a subject, but for one if that is named. */
  readonly endAll: (subjectId: SubjectId, except?: string) => Effect.Effect<void, StoreFault>
}

const TOUCH_EVERY_MILLIS = 60_000
/** Sessions that a subject has at most: nobody has more browsers, and whatever lists or ends them costs no more. */
export const MAX_SESSIONS = 100
/** So many that have ended are removed when another begins. */
const SWEPT_AT_ONCE = 8

const fromRow = (row: Row): Session => ({
  digest: storedDigest(row["digest"]),
  subjectId: storedSubjectId(row["subject_id"]),
  authenticatedAt: Number(row["authenticated_at"]),
  seenAt: Number(row["seen_at"]),
  expiresAt: Number(row["expires_at"]),
})

const toRow = ({ digest, subjectId, authenticatedAt, seenAt, expiresAt }: Session): Row => ({
  digest,
  subject_id: subjectId,
  authenticated_at: authenticatedAt,
  seen_at: seenAt,
  expires_at: expiresAt,
})

const ofSubject = (rows: RowReader, subjectId: SubjectId, limit = -1): ReadonlyArray<Session> =>
  rows.list(sessionTable, { where: { subject_id: subjectId }, limit }).map(fromRow)

/** Makes room for another session of a subject: those that were used longest ago end. */
const makeRoom = (rows: RowWriter, subjectId: SubjectId): void => {
  const lastUsedFirst = ofSubject(rows, subjectId).toSorted((left, right) => right.seenAt - left.seenAt)
  for (const { digest } of lastUsedFirst.slice(MAX_SESSIONS - 1)) rows.delete(sessionTable, [digest])
}

/** Ends the sessions of a subject, but for one if that is named, in the caller's transaction. */
export const endSessionsOf = (rows: RowWriter, subjectId: SubjectId, except?: string): void => {
  for (const { digest } of ofSubject(rows, subjectId)) if (digest !== except) rows.delete(sessionTable, [digest])
}

export const sessionsOf = (log: EventLog, secrets: Secrets, { idle, absolute }: SessionLifetimes): Sessions => {
  /** When it ends if it is not used after `at`. */
  const endOf = (authenticatedAt: number, at: number): number => Math.min(at + idle, authenticatedAt + absolute)

  const sweep = (rows: RowWriter, at: number): void => {
    const oldest = rows.list(sessionTable, { orderBy: ["expires_at", "digest"], limit: SWEPT_AT_ONCE }).map(fromRow)
    for (const { digest, expiresAt } of oldest) if (expiresAt <= at) rows.delete(sessionTable, [digest])
  }
  const alive = (rows: RowReader, digest: Digest, at: number): Session | undefined => {
    const row = rows.get(sessionTable, [digest])
    const session = row === undefined ? undefined : fromRow(row)
    return session !== undefined && at < session.expiresAt ? session : undefined
  }

  return {
    open: (standing, at, replacedId) =>
      log.write((rows) => {
        if (!stillStands(rows, standing)) return undefined
        sweep(rows, at)
        if (replacedId !== undefined) rows.delete(sessionTable, [digestOf(replacedId)])
        const { subjectId } = standing.account
        makeRoom(rows, subjectId)
        const id = Buffer.from(secrets.bytes(32)).toString("base64url")
        const session = { digest: digestOf(id), subjectId, authenticatedAt: at, seenAt: at, expiresAt: endOf(at, at) }
        rows.put(sessionTable, toRow(session))
        return { id, session }
      }),
    find: (id, at) => log.read((rows) => alive(rows, digestOf(id), at)),
    touch: ({ digest, seenAt }, at) =>
      at < seenAt + TOUCH_EVERY_MILLIS
        ? Effect.void
        : log.write((rows) => {
            // Signed out meanwhile, or ended by itself: using it does not bring it back.
            const session = alive(rows, digest, at)
            if (session === undefined) return
            const expiresAt = endOf(session.authenticatedAt, at)
            rows.put(sessionTable, toRow({ ...session, seenAt: at, expiresAt }))
          }),
    list: (subjectId, at) =>
      log.read((rows) =>
        ofSubject(rows, subjectId, MAX_SESSIONS)
          .filter(({ expiresAt }) => at < expiresAt)
          .sort((left, right) => right.authenticatedAt - left.authenticatedAt),
      ),
    end: (digest) => log.write((rows) => rows.delete(sessionTable, [digest])),
    endAll: (subjectId, except) => log.write((rows) => endSessionsOf(rows, subjectId, except)),
  }
}

/** What can be asked of browser sessions and done to them, each in one transaction. Times in milliseconds since the epoch. */
import type { Digest, LoginContext, SubjectId } from "../core/index.ts"
import type { Row, RowReader, RowWriter } from "../log/index.ts"
import { stillStands, type AccountStanding } from "./AccountStanding.ts"
import { sessionTable } from "./AccountTables.ts"
import { storedDigest, storedLogin, storedSubjectId } from "./Decoding.ts"

/** `digest` names a session without being able to sign in. */
export interface Session {
  /** The SHA-256 of its id, base64url. */
  readonly digest: Digest
  /** Who is signed in. */
  readonly subjectId: SubjectId
  /** When it began. */
  readonly authenticatedAt: number
  /** When and how the person last proved to be who they are; of a session from before that was kept, when it began. */
  readonly login: LoginContext
  /** When it was last used. */
  readonly seenAt: number
  /** When it ends if it is not used again. */
  readonly expiresAt: number
}

/** A session that is to begin, and the one that the browser had. */
export interface Beginning {
  readonly session: Session
  readonly replaced: Digest | undefined
}

/** Sessions that a subject has at most: nobody has more browsers, and whatever lists or ends them costs no more. */
export const MAX_SESSIONS = 100
/** So many that have ended are removed when another begins. */
const SWEPT_AT_ONCE = 8

const loginFrom = ({ login = null, authenticated_at: began }: Row): LoginContext =>
  storedLogin(login === null ? { authTime: Number(began) } : jsonIn(String(login)))

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const fromRow = (row: Row): Session => ({
  digest: storedDigest(row["digest"]),
  subjectId: storedSubjectId(row["subject_id"]),
  authenticatedAt: Number(row["authenticated_at"]),
  login: loginFrom(row),
  seenAt: Number(row["seen_at"]),
  expiresAt: Number(row["expires_at"]),
})

const put = (rows: RowWriter, { digest, subjectId, authenticatedAt, login, seenAt, expiresAt }: Session): void =>
  rows.put(sessionTable, {
    digest,
    subject_id: subjectId,
    authenticated_at: authenticatedAt,
    seen_at: seenAt,
    expires_at: expiresAt,
    login: JSON.stringify(login),
  })

const ofSubject = (rows: RowReader, subjectId: SubjectId, limit = -1): ReadonlyArray<Session> =>
  rows.list(sessionTable, { where: { subject_id: subjectId }, limit }).map(fromRow)

/** Makes room for another session of a subject: those that were used longest ago end. */
const makeRoom = (rows: RowWriter, subjectId: SubjectId): void => {
  const lastUsedFirst = ofSubject(rows, subjectId).toSorted((left, right) => right.seenAt - left.seenAt)
  for (const { digest } of lastUsedFirst.slice(MAX_SESSIONS - 1)) rows.delete(sessionTable, [digest])
}

const sweep = (rows: RowWriter, at: number): void => {
  const oldest = rows.list(sessionTable, { orderBy: ["expires_at", "digest"], limit: SWEPT_AT_ONCE }).map(fromRow)
  for (const { digest, expiresAt } of oldest) if (expiresAt <= at) rows.delete(sessionTable, [digest])
}

/** Ends the sessions of a subject, but for one if that is named, in the caller's transaction. */
export const endSessionsOf = (rows: RowWriter, subjectId: SubjectId, except?: string): void => {
  for (const { digest } of ofSubject(rows, subjectId)) if (digest !== except) rows.delete(sessionTable, [digest])
}

const alive = (rows: RowReader, digest: Digest, at: number): Session | undefined => {
  const row = rows.get(sessionTable, [digest])
  const session = row === undefined ? undefined : fromRow(row)
  return session !== undefined && at < session.expiresAt ? session : undefined
}

export const sessionQueries = {
  session: alive,
  /** Those that are alive, the latest login first. */
  sessions: (rows: RowReader, subjectId: SubjectId, at: number) =>
    ofSubject(rows, subjectId, MAX_SESSIONS)
      .filter(({ expiresAt }) => at < expiresAt)
      .sort((left, right) => right.authenticatedAt - left.authenticatedAt),
}

export const sessionOperations = {
  /** Whether the account still stands as it was seen, and the session was opened. */
  openSession: (
    rows: RowWriter,
    standing: AccountStanding,
    session: Session,
    replaced: Digest | undefined,
  ): boolean => {
    if (!stillStands(rows, standing)) return false
    sweep(rows, session.authenticatedAt)
    if (replaced !== undefined) rows.delete(sessionTable, [replaced])
    makeRoom(rows, session.subjectId)
    put(rows, session)
    return true
  },
  /** Signed out meanwhile, or ended by itself: using it does not bring it back. */
  touchSession: (rows: RowWriter, session: Session): void => {
    if (alive(rows, session.digest, session.seenAt) !== undefined) put(rows, session)
  },
  endSession: (rows: RowWriter, digest: Digest) => rows.delete(sessionTable, [digest]),
  endSessions: endSessionsOf,
}

/**
 * What devices asked for and nobody has answered, as rows; each operation is one transaction.
 *
 * Anybody may ask for a device, so there are never more than a fixed number of rows: one that comes when it is reached
 * takes the place of the oldest. Times in milliseconds since the epoch.
 */
import type { GrantId } from "../core/index.ts"
import type { Row, RowReader, RowWriter } from "../log/index.ts"
import { deviceTable } from "./AccountTables.ts"
import { storedGrantId } from "./Decoding.ts"

/** How many requests wait at most: as many as a hundred sources may leave in the time that one waits. */
export const MAX_WAITING = 5000

/** How long one that has expired is kept, so that its device is told that it has. */
export const KEPT_EXPIRED_MILLIS = 300_000

/** So many that have expired are removed when another comes. */
const SWEPT_AT_ONCE = 16

/** A request that waits: `userCode` is a keyed hash, and what was asked for is encrypted. */
export interface WaitingRow {
  readonly userCode: string
  readonly grantId: GrantId
  readonly encrypted: string
  readonly expiresAt: number
}

const fromRow = (row: Row): WaitingRow => ({
  userCode: String(row["user_code"]),
  grantId: storedGrantId(row["grant_id"]),
  encrypted: String(row["encrypted"]),
  expiresAt: Number(row["expires_at"]),
})

const remove = (rows: RowWriter, { userCode }: WaitingRow): void => rows.delete(deviceTable, [userCode])

const soonestToExpire = (rows: RowReader, limit: number): ReadonlyArray<WaitingRow> =>
  rows.list(deviceTable, { orderBy: ["expires_at", "user_code"], limit }).map(fromRow)

const makeRoom = (rows: RowWriter, at: number): void => {
  const first = soonestToExpire(rows, SWEPT_AT_ONCE)
  const over = first.filter(({ expiresAt }) => expiresAt + KEPT_EXPIRED_MILLIS <= at)
  for (const row of over) remove(rows, row)
  // INVARIANT: there are never more rows than MAX_WAITING, whoever asks (StateIsBounded).
  if (over.length === 0 && rows.count(deviceTable, {}) >= MAX_WAITING)
    for (const row of first.slice(0, 1)) remove(rows, row)
}

export const deviceQueries = {
  /** By the hash of its user code. */
  waitingRequest: (rows: RowReader, userCode: string): WaitingRow | undefined => {
    const row = rows.get(deviceTable, [userCode])
    return row === undefined ? undefined : fromRow(row)
  },
  /** By the grant that an approval opens. */
  waitingRequestOf: (rows: RowReader, grantId: string): WaitingRow | undefined =>
    rows.list(deviceTable, { where: { grant_id: grantId }, limit: 1 }).map(fromRow)[0],
}

export const deviceOperations = {
  /** Whether it was kept: its user code may be in use already. */
  keepRequest: (rows: RowWriter, { userCode, grantId, encrypted, expiresAt }: WaitingRow, at: number): boolean => {
    if (rows.get(deviceTable, [userCode]) !== undefined) return false
    makeRoom(rows, at)
    rows.put(deviceTable, { user_code: userCode, grant_id: grantId, encrypted, expires_at: expiresAt })
    return true
  },
  /** It was answered: its user code leads nowhere any more. */
  forgetRequest: (rows: RowWriter, userCode: string): void => rows.delete(deviceTable, [userCode]),
}

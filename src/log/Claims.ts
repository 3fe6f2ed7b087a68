/**
 * Claims and checks: what an append may ask for besides its own stream's version.
 *
 * A check names another stream and the version it must still have, or a row and what it must still say. A claim is a unique row with an end, for one-time
 * values that are not history; it commits or rolls back with the append it belongs to.
 */

import type { Row, Table, Value } from "./Rows.ts"

/** Another stream must still be at this version, so that what was decided from it still holds. */
export interface Check {
  readonly stream: string
  readonly version: number
}

/** A row must still have these values, where what was decided rests on more than the version of a stream. */
export interface RowCheck {
  readonly table: Table
  readonly key: ReadonlyArray<Value>
  readonly has: Row
}

/** A one-time value; the row may be removed once `until`, in milliseconds since the epoch, has passed. */
export interface Claim {
  readonly key: string
  readonly until: number
}

/**
 * Claims and checks: what an append may ask for besides its own stream's version.
 *
 * A check names another stream and the version it must still have. A claim is a unique row with an end, for one-time
 * values that are not history; it commits or rolls back with the append it belongs to.
 */

/** Another stream must still be at this version, so that what was decided from it still holds. */
export interface Check {
  readonly stream: string
  readonly version: number
}

/** A one-time value; the row may be removed once `until`, in milliseconds since the epoch, has passed. */
export interface Claim {
  readonly key: string
  readonly until: number
}

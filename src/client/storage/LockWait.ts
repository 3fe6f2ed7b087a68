/** Waiting for a lock that somebody else holds: asking again, less and less often, and not for ever. */
import { setTimeout as pause } from "node:timers/promises"
import { StorageError } from "./StorageError.ts"

const FIRST_PAUSE_MILLIS = 5
const LONGEST_PAUSE_MILLIS = 80
/** Longer than a dead holder keeps a lock, and than a refresh with its retries takes. */
const LONGEST_WAIT_MILLIS = 90_000

/** What `attempt` gives as soon as it gives something; throws a {@link StorageError} when it never does. */
export const waitForLock = async <A>(name: string, attempt: () => Promise<A | undefined>): Promise<A> => {
  let pauseMillis = FIRST_PAUSE_MILLIS
  for (let waitedMillis = 0; waitedMillis < LONGEST_WAIT_MILLIS; waitedMillis += pauseMillis) {
    const found = await attempt()
    if (found !== undefined) return found
    await pause(pauseMillis)
    pauseMillis = Math.min(pauseMillis * 2, LONGEST_PAUSE_MILLIS)
  }
  const message = `somebody else has held the lock of \`${name}\` for more than ${LONGEST_WAIT_MILLIS / 1000} seconds: end that process, or wait`
  throw new StorageError({ code: "lock_timeout", message })
}

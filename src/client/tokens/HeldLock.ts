/**
 * Holding the lock of a stored credential from one call to another, for a caller that comes back in pieces.
 *
 * It is released by whoever acquired it, or by time: a caller that never comes back locks nobody out.
 */
import type { TokenStorage } from "../storage/TokenStorage.ts"

export interface HeldLock {
  readonly acquire: () => Promise<void>
  readonly release: () => void
}

const LONGEST_MILLIS = 20_000

export const makeHeldLock = (storage: TokenStorage): HeldLock => {
  let end: (() => void) | undefined
  const release = (): void => {
    end?.()
    end = undefined
  }
  return {
    release,
    acquire: () => {
      release()
      return new Promise((taken, failed) => {
        const hold = () =>
          new Promise<void>((done) => {
            const timer = setTimeout(done, LONGEST_MILLIS)
            end = () => {
              clearTimeout(timer)
              done()
            }
            taken()
          })
        storage.exclusively(hold).catch(failed)
      })
    },
  }
}

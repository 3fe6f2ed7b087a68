/**
 * Holding the lock of a stored credential from one call to another, for a caller that comes back in pieces.
 *
 * It is given back by whoever took it, or by time: a caller that never comes back locks nobody out.
 */
import type { TokenStorage } from "./storage/TokenStorage.ts"

export interface Lease {
  readonly take: () => Promise<void>
  readonly giveBack: () => void
}

const LONGEST_MILLIS = 20_000

export const makeLease = (storage: TokenStorage): Lease => {
  let end: (() => void) | undefined
  const giveBack = (): void => {
    end?.()
    end = undefined
  }
  return {
    giveBack,
    take: () => {
      giveBack()
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

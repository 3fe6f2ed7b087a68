/**
 * `Math.random` held still: what it gives can be worked out from what it gave before, so that nothing secret may come of it.
 *
 * While it is held it gives the same numbers after each `again`, and whatever hangs on it alone comes out the same. Several
 * may hold it at a time; it is given back by the last of them.
 */

export interface StillRandom extends Disposable {
  /** Starts the same numbers anew. */
  readonly again: () => void
}

const FIRST = 0x2545f491

const real = Math.random
let holderCount = 0
let state = FIRST

/** Xorshift: any numbers do, as long as a loop that waits for another one comes to an end. */
const still = (): number => {
  state ^= state << 13
  state ^= state >>> 17
  state ^= state << 5
  return (state >>> 0) / 2 ** 32
}

/** Fakes the global `Math.random` until it is disposed of. */
export const stillRandom = (): StillRandom => {
  holderCount += 1
  Math.random = still
  return {
    again: () => {
      state = FIRST
    },
    [Symbol.dispose]: () => {
      holderCount -= 1
      if (holderCount === 0) Math.random = real
    },
  }
}

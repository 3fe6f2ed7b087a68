/**
 * `Math.random` held still: what it gives can be worked out from what it gave before, so that nothing secret may come of it.
 *
 * While it is held it gives the same numbers after each `again`, and whatever hangs on it alone comes out the same.
 */

export interface StillRandom extends Disposable {
  /** Starts the same numbers anew. */
  readonly again: () => void
}

const FIRST = 0x2545f491

/** Fakes the global `Math.random` until it is disposed of. */
export const stillRandom = (): StillRandom => {
  const real = Math.random
  let state = FIRST
  Math.random = () => {
    // Xorshift: any numbers do, as long as a loop that waits for another one comes to an end.
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
  return {
    again: () => {
      state = FIRST
    },
    [Symbol.dispose]: () => {
      Math.random = real
    },
  }
}

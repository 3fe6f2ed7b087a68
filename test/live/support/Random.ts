/** Numbers that look random and come again under the same seed (mulberry32). */
export interface Random {
  /** An integer from 0 to below `end`. */
  readonly below: (end: number) => number
  /** True `percent` times of a hundred. */
  readonly chance: (percent: number) => boolean
}

export const seeded = (seed: number): Random => {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = (end: number) => Math.floor(next() * end)
  return { below, chance: (percent) => below(100) < percent }
}

/**
 * What texts of rows were decoded to lately, or encoded from: a row that has not changed is not decoded again.
 *
 * Rows are still read each time; only what their text means is remembered, which never changes. Nothing has to be
 * invalidated, whoever writes to the store. Whoever is given a state shares it with others; a host gets it frozen
 * (`provider/Frozen.ts`).
 */

const MAX_KEPT = 1024

export interface Meanings<State> {
  readonly of: (text: unknown) => State | undefined
  /** Gives the state back. */
  readonly keep: (text: unknown, state: State) => State
}

export const makeMeanings = <State>(): Meanings<State> => {
  /** The least recently used first. */
  const kept = new Map<unknown, State>()

  const keep = (text: unknown, state: State): State => {
    kept.delete(text)
    kept.set(text, state)
    if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value)
    return state
  }
  return {
    of: (text) => {
      const state = kept.get(text)
      return state === undefined ? undefined : keep(text, state)
    },
    keep,
  }
}

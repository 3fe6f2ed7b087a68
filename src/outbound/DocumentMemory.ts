/**
 * Documents that were read, for as long as they may be used again; never a failure.
 *
 * What belongs to somebody that is known here is kept apart from what any stranger can name, so that no number of
 * strangers' documents displaces one of it. Both parts are bounded, and of the strangers' one so is what a host has.
 */

/** Documents of those that are known here, of strangers, and of strangers at one host. */
export const MAX_KNOWN = 1024
export const MAX_STRANGE = 128
export const MAX_STRANGE_PER_HOST = 4

interface Kept<A> {
  readonly value: A
  readonly host: string
  /** Milliseconds since the epoch. */
  readonly readAt: number
  readonly freshUntil: number
}

export interface DocumentMemory<A> {
  /** What is kept of an address and may be used at `now`, if it was read at `since` or later. */
  readonly find: (url: string, isKnown: boolean, now: number, since?: number) => A | undefined
  readonly keep: (url: string, isKnown: boolean, kept: Kept<A>) => void
}

/** Room for one more: the oldest of those that `isOne` counts makes it. */
const makeRoom = <A>(
  part: Map<string, Kept<A>>,
  limit: number,
  isOne: (kept: Kept<A>) => boolean = () => true,
): void => {
  const counted = [...part].filter(([, kept]) => isOne(kept))
  for (const [url] of counted.slice(0, Math.max(0, counted.length - limit + 1))) part.delete(url)
}

export const documentMemory = <A>(): DocumentMemory<A> => {
  const [known, strange] = [new Map<string, Kept<A>>(), new Map<string, Kept<A>>()]
  const keep: DocumentMemory<A>["keep"] = (url, isKnown, kept) => {
    known.delete(url)
    strange.delete(url)
    if (isKnown) {
      makeRoom(known, MAX_KNOWN)
      known.set(url, kept)
      return
    }
    makeRoom(strange, MAX_STRANGE_PER_HOST, ({ host }) => host === kept.host)
    makeRoom(strange, MAX_STRANGE)
    strange.set(url, kept)
  }
  return {
    find: (url, isKnown, now, since = 0) => {
      const kept = known.get(url) ?? strange.get(url)
      // A clock that was set back makes nothing fresh.
      if (kept === undefined || now < kept.readAt || now >= kept.freshUntil || kept.readAt < since) return undefined
      // Used last, it goes last; and who got to be known meanwhile moves.
      keep(url, isKnown || known.has(url), kept)
      return kept.value
    },
    keep,
  }
}

/**
 * Whose turn it is: work that costs a core for a while is done a few at a time, in turns among the sources that wait.
 *
 * However many one source sends, another waits for one of each source before it and no longer. Who finds the line full
 * is told so instead of waiting. The more of it is taken, the fewer places one source may have, so that there is one
 * for whoever has none. Nothing is remembered of a source that neither waits nor is at work.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as PartitionedSemaphore from "effect/PartitionedSemaphore"
import { networkGroup, sourceGroup } from "../Source.ts"

/** The thread pool has four threads: one is left for what else is encrypted there. More would wait in it, unfairly. */
const AT_WORK = 3
/** Waiting or at work: so many together, and of what is free one source gets no more than this share. */
const MAX_INSIDE = 256
const SHARE = 1 / 16
const MAX_OF_NETWORK = MAX_INSIDE / 4

export interface Turns {
  /** Runs `work` when it is this source's turn; gives nothing when too many are waiting. Sources not known are one. */
  readonly take: <A, E>(source: string, work: Effect.Effect<A, E>) => Effect.Effect<Option.Option<A>, E>
}

/** `onInside` is told how many wait or are at work, whenever that changes. */
export const makeTurns = (onInside: (count: number) => void = () => {}): Turns => {
  const places = PartitionedSemaphore.makeUnsafe<string>({ permits: AT_WORK })
  const countBy = new Map<string, number>()
  let inside = 0

  const add = (key: string, count: number): void => {
    const sum = (countBy.get(key) ?? 0) + count
    if (sum > 0) countBy.set(key, sum)
    else countBy.delete(key)
  }
  const isRoomFor = (group: string, network: string | undefined): boolean => {
    const share = Math.max(1, Math.floor((MAX_INSIDE - inside) * SHARE))
    const ofNetwork = network === undefined ? 0 : (countBy.get(network) ?? 0)
    return inside < MAX_INSIDE && (countBy.get(group) ?? 0) < share && ofNetwork < MAX_OF_NETWORK
  }

  return {
    take: (source, work) => {
      const group = sourceGroup(source)
      const network = networkGroup(source)
      const move = (count: number): void => {
        inside += count
        onInside(inside)
        for (const key of network === undefined ? [group] : [group, network]) add(key, count)
      }
      return Effect.acquireUseRelease(
        Effect.sync(() => {
          const isIn = isRoomFor(group, network)
          if (isIn) move(1)
          return isIn
        }),
        (isIn) => (isIn ? Effect.asSome(places.withPermit(group)(work)) : Effect.succeedNone),
        (isIn) => Effect.sync(() => (isIn ? move(-1) : undefined)),
      )
    },
  }
}

/**
 * What is done otherwise with a provider whose calls take long: many trials at a time, each under a clock of its own, and
 * races with fewer leads, which are as long as the calls are.
 *
 * Everything is tried all the same; what is tried less is told.
 */
import type { Abilities } from "./Abilities.ts"
import type { Phase, Start } from "./Plan.ts"
import type { Trial } from "./trials/Trial.ts"

/** From where on waiting costs more than work. */
const SLOW_MILLIS = 5
const WIDTH = 32
/** A turn of the event loop becomes such a part of an exchange. */
const PART = 1 / 4

const isSlow = ({ latencyMillis }: Abilities): boolean => latencyMillis >= SLOW_MILLIS && Number.isFinite(latencyMillis)

/** How many trials run at a time. What is one provider for all of them has them one after the other. */
export const widthFor = (abilities: Abilities): number => (isSlow(abilities) && !abilities.isOne ? WIDTH : 1)

const startsOf = ({ phases }: Trial): ReadonlyArray<Start> =>
  phases.flatMap(({ calls }) => calls.map(({ start }) => start))

/** Turns of the queue of promises get nobody ahead of a call that takes long; of the others every second is enough. */
const isNeeded = (trial: Trial): boolean => {
  const starts = startsOf(trial)
  const furthest = Math.max(0, ...starts.map(({ turnCount }) => turnCount))
  return furthest === 0 || (furthest % 2 === 0 && starts.every(({ turnCount, isMacro }) => turnCount === 0 || isMacro))
}

const stretched = (trial: Trial, latencyMillis: number): Trial => {
  const stretch = ({ calls, ...phase }: Phase): Phase => ({
    ...phase,
    calls: calls.map((call) => {
      const { turnCount } = call.start
      return turnCount === 0 ? call : { ...call, start: { ...call.start, millis: turnCount * PART * latencyMillis } }
    }),
  })
  return { ...trial, phases: trial.phases.map(stretch) }
}

/** The trials as they are played on such a provider. */
export const paced = (trials: ReadonlyArray<Trial>, abilities: Abilities): ReadonlyArray<Trial> =>
  isSlow(abilities) ? trials.filter(isNeeded).map((trial) => stretched(trial, abilities.latencyMillis)) : trials

/** What is tried less, in words; nothing where all is tried. */
export const toldPace = (abilities: Abilities): string | undefined =>
  isSlow(abilities)
    ? `an exchange takes ${Math.round(abilities.latencyMillis)} ms: races are tried with a quarter of the leads, ${
        widthFor(abilities) === 1 ? "one trial" : `${WIDTH} trials`
      } at a time`
    : undefined

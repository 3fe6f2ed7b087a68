/**
 * Everything that is tried on a provider: the trials, then random calls of one seed after the other, until all is broken or
 * the time is up.
 *
 * What is broken is told as a story that is made as short as there is time for. A story that is told again is played some
 * times over, for a race does not end the same way each time. What there was no time for is left out, and said to be.
 */
import { newTally, type Tally } from "../../invariants/Judge.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { Abilities } from "./Abilities.ts"
import { judged } from "../judging/Judge.ts"
import type { KitClock } from "./Clock.ts"
import { play, type Played } from "./Play.ts"
import { draw, type Drawing, type Kind } from "./Random.ts"
import { shorten } from "./Shrink.ts"
import { paced, widthFor } from "./Slow.ts"
import type { Stage } from "./Stage.ts"
import { counterexampleOf } from "./Story.ts"
import { trialsFor } from "./Trials.ts"
import type { Trial } from "./trials/Trial.ts"
import { isAboutAll, isSeen, type Broken } from "./Verdicts.ts"

/** How long one breach may be shortened, inside the budget. */
const SHORTENING_MILLIS = 5000
/** How many sequences, and how many bursts, are drawn from a seed. */
const DRAWN_COUNT = 150
/** How often a story is played that is to be seen again. */
const REPLAY_COUNT = 10

/** What is asked for: all, or one story. */
export interface Wanted {
  readonly isAsked: (promise: string) => boolean
  readonly seed: number
  readonly seedCount: number
  /** What is to be seen again; everything if empty. */
  readonly path: string
  readonly onProgress: (progress: string) => void
  /** Milliseconds since the check began. */
  readonly elapsed: () => number
}

export interface Tried {
  readonly tally: Tally
  readonly broken: ReadonlyMap<string, Broken>
  /** The trials that there was no time for. */
  readonly leftOut: ReadonlyArray<Trial>
  /** From how many seeds was drawn, the one that was asked for among them. */
  readonly seedCount: number
}

type Prepared = Pick<Stage, "factory" | "connection" | "onOperation" | "isOver"> & { readonly abilities: Abilities }

/** What broke a promise, as it was found. */
interface Breach {
  readonly played: Played
  readonly where: string
  readonly seed: number
  readonly millis: number
}

const kinds: ReadonlyArray<Kind> = ["sequence", "burst"]

/** What to draw of a kind; nothing where something else is to be seen again. */
const drawingOf = (kind: Kind, seed: number, path: string): Drawing | undefined => {
  if (path === "") return { seed, runCount: DRAWN_COUNT }
  return path.startsWith(`${kind}:`) ? { seed, runCount: DRAWN_COUNT, path: path.slice(kind.length + 1) } : undefined
}

const isStory = (path: string, trials: ReadonlyArray<Trial>): boolean =>
  path === "" || /^(?:sequence|burst):\d+(?::\d+)*$/.test(path) || trials.some(({ name }) => path === `trial:${name}`)

/** A story that is not seen again may have taken what went before it: then all is tried that is asked for. */
export const tryAll = async (prepared: Prepared, wanted: Wanted): Promise<Tried> => {
  const tried = await tryOnce(prepared, wanted)
  return wanted.path === "" || tried.broken.size > 0 ? tried : tryOnce(prepared, { ...wanted, path: "" })
}

const tryOnce = async (prepared: Prepared, wanted: Wanted): Promise<Tried> => {
  const { isOver, abilities, connection } = prepared
  const { isAsked, seed: firstSeed, seedCount, path, onProgress, elapsed } = wanted
  const replayCount = path === "" ? 1 : REPLAY_COUNT
  const hasStore = connection.store !== undefined
  const tally = newTally()
  const breaches = new Map<string, Breach>()
  const broken = new Map<string, Broken>()
  const isWanted = (name: string) => isAsked(name) && !breaches.has(name)
  const isOpen = () => !isOver() && judged.some((one) => isSeen(one, hasStore) && isWanted(one.name))
  const stage: Stage = { ...prepared, isWanted, tally }

  const take = (played: Played, where: string, seed: number, isMeant = (_promise: string) => true): void => {
    for (const { promise } of played.found) {
      if (isMeant(promise) && !breaches.has(promise)) breaches.set(promise, { played, where, seed, millis: elapsed() })
    }
  }
  /** Makes the stories of what is broken as short as there is time for. */
  const tell = async (): Promise<void> => {
    for (const [promise, { played, where, seed, millis }] of breaches) {
      if (broken.has(promise)) continue
      onProgress(`${promise} is broken: looks for the shortest story`)
      const end = elapsed() + SHORTENING_MILLIS
      const isLate = () => isOver() || elapsed() > end
      const { played: short, found } = await shorten({ ...stage, isOver: isLate }, played, promise)
      broken.set(promise, { counterexample: counterexampleOf(abilities, short, found, seed, where), millis })
    }
  }

  const trials = paced(trialsFor(abilities, connection.restart !== undefined), abilities)
  if (!isStory(path, trials)) throw new CannotCheck(`there is no story \`${path}\` to tell again`)
  /** Where nothing is asked for that some trials are about more than others, each is about it. */
  const isAllMeant = !trials.some(isMeantBy(isAsked))
  /** A story that is told again is played for what only came by it, too. */
  const isPlayed = (trial: Trial) => {
    if (path !== "") return path === `trial:${trial.name}`
    return isAllMeant ? judged.some(({ name }) => isAboutAll(name) && isWanted(name)) : isMeantBy(isWanted)(trial)
  }
  const leftOut: Array<Trial> = []
  const byTheWay: Array<readonly [played: Played, where: string]> = []
  /** Played until something is found, but no more often than a story is told again. */
  const tryOut = async (trial: Trial, clock: KitClock): Promise<Played | undefined> => {
    const own = { ...stage, connection: { ...connection, clock } }
    let played: Played | undefined
    for (let time = 0; time < replayCount && (time === 0 || !isOver()); time += 1) {
      played = await play(own, { phases: trial.phases, isLookedAt: true })
      if (played.found.length > 0) break
    }
    return played
  }
  const width = path === "" ? widthFor(abilities) : 1
  for (let first = 0; first < trials.length; first += width) {
    const meant = trials.slice(first, first + width).filter(isPlayed)
    if (isOver()) {
      leftOut.push(...meant)
      continue
    }
    if (meant.length === 0) continue
    onProgress(`trial ${first + 1}/${trials.length} ${meant.map(({ name }) => name).join(", ")}`)
    const { clock } = connection
    const allPlayed = await Promise.all(
      meant.map((trial) => (width === 1 ? tryOut(trial, clock) : clock.apart((own) => tryOut(trial, own)))),
    )
    for (const [index, trial] of meant.entries()) {
      const played = allPlayed[index]
      if (played === undefined) continue
      const where = `trial:${trial.name}`
      take(played, where, firstSeed, (promise) => isAllMeant || trial.promises.includes(promise))
      if (played.found.length > 0) byTheWay.push([played, where])
    }
  }
  // A trial about something tells it better than one that only comes by it.
  for (const [played, where] of byTheWay) take(played, where, firstSeed)
  await tell()

  let drawnCount = 0
  for (; drawnCount < (path === "" ? seedCount : 1) && isOpen(); drawnCount += 1) {
    const seed = firstSeed + drawnCount
    for (const kind of kinds) {
      const drawing = drawingOf(kind, seed, path)
      let time = 0
      while (drawing !== undefined && time < replayCount && isOpen()) {
        onProgress(`random ${kind}s, seed ${seed}`)
        const drawn = await draw(stage, kind, drawing)
        if (drawn === undefined) time += 1
        else take(drawn.played, `${kind}:${drawn.path}`, seed)
        await tell()
      }
    }
  }
  return { tally, broken, leftOut, seedCount: Math.max(1, drawnCount) }
}

const isMeantBy =
  (isMeant: (promise: string) => boolean) =>
  ({ promises }: Trial): boolean =>
    promises.some(isMeant)

/**
 * Checking a provider: every promise tried on it, one fresh provider for each try.
 *
 * It gets to know the provider first, then plays the trials, then whatever chance finds, and makes each breach as short
 * as it can. One check runs at a time, for the clock that it turns is everybody's.
 */
import { newTally, type Tally } from "../../invariants/Judge.ts"
import { judged } from "../judging/Judge.ts"
import type { KitReport } from "../Report.ts"
import type { Abilities } from "./Abilities.ts"
import { newPatience } from "./Calls.ts"
import { alone, realClock, turnedClock, type KitClock } from "./Clock.ts"
import { limitsIn, type Limit } from "./Limits.ts"
import { play, type Played } from "./Play.ts"
import { probe } from "./Probe.ts"
import { probeClock, type ClockFinding } from "./ProbeClock.ts"
import type { Approve } from "./Login.ts"
import type { Connection, ProviderFactory, Restart, Unit } from "./ProviderSystem.ts"
import { draw, type Drawing, type Kind } from "./Random.ts"
import { shorten } from "./Shrink.ts"
import type { Stage } from "./Stage.ts"
import { counterexampleOf } from "./Story.ts"
import { trialsFor } from "./Trials.ts"
import { capabilitiesOf, resultOf, type Broken } from "./Verdicts.ts"
import { wordsFor } from "./Words.ts"

export interface ProviderOptions {
  /** What random calls are drawn from; the same seed draws the same. */
  readonly seed?: number
  /** Where in it something was found, as a counterexample says. */
  readonly path?: string
  /** At most a minute; half of one unless told. */
  readonly budgetMillis?: number
  /** Another provider over what this one has stored. */
  readonly restart?: Restart
  /** Follows a login page to the redirect with the code. */
  readonly approve?: Approve
  readonly onProgress?: (progress: string) => void
  /** Names of promises; all of them if absent. */
  readonly only?: ReadonlyArray<string>
  /** Up to three scopes that the provider knows, if it does not take any. */
  readonly scopes?: ReadonlyArray<string>
  /** Up to two resources that it knows, if it does not take any. */
  readonly resources?: ReadonlyArray<string>
  /** One or two redirect URIs that it takes, if it does not take any; nothing is sent there. */
  readonly redirectUris?: ReadonlyArray<string>
  /** What it does not claim to do, besides what it says itself. */
  readonly limits?: ReadonlyArray<Limit>
}

const BUDGET_MILLIS = 30_000
const MAX_BUDGET_MILLIS = 60_000
/** How long one breach may be shortened. */
const SHORTENING_MILLIS = 5000
const DRAWN_COUNT = 150

/**
 * Tries every promise on the providers that `factory` makes.
 *
 * Rejects with `CannotCheck` when nobody can be registered or log in.
 *
 * @example
 * const report = await checkProvider(({ now }) => myProvider({ clock: now }))
 * console.log(renderTable(report))
 */
export const checkProvider = (factory: ProviderFactory, options: ProviderOptions = {}): Promise<KitReport> =>
  alone(async () => {
    const startedAt = performance.now()
    const connecting = connectionFor(options)
    let operationCount = 0
    const opening = (clock: KitClock, unit: Unit) => ({
      factory,
      connection: connecting(clock, unit),
      onOperation: () => {
        operationCount += 1
      },
    })
    options.onProgress?.("gets to know the provider")
    const finding = await turning((clock) => probeClock((unit) => opening(clock, unit)))
    using clock = finding.isFollowed ? turnedClock() : realClock()
    const abilities = await probe(opening(clock, finding.unit), finding, limitsIn(options.limits))
    const { tally, broken } = await tryAll({ ...opening(clock, finding.unit), abilities }, options, startedAt)
    const millis = performance.now() - startedAt
    const shown = judged.filter(({ name }) => isAsked(options, name))
    return {
      subject: factory.name === "" ? "the provider" : factory.name,
      results: shown.map((promise) => resultOf(promise, abilities, tally, broken.get(promise.name), millis)),
      capabilities: capabilitiesOf(abilities, options.restart !== undefined),
      seed: seedOf(options),
      operationCount,
      millis,
    }
  })

const seedOf = ({ seed = 1 }: ProviderOptions): number => seed
const isAsked = ({ only }: ProviderOptions, name: string): boolean => only === undefined || only.includes(name)

const connectionFor = ({ approve, restart, scopes, resources, redirectUris }: ProviderOptions) => {
  const patience = newPatience()
  const words = wordsFor(scopes, resources)
  return (clock: KitClock, unit: Unit): Connection => ({ clock, unit, patience, words, redirectUris, approve, restart })
}

/** A provider that fails under a turned clock may still work under the real one. */
const turning = async (body: (clock: KitClock) => Promise<ClockFinding>): Promise<ClockFinding> => {
  using clock = turnedClock()
  // Awaited here: the clock is turned until the body has ended, not until it has begun.
  return await body(clock).catch((cause: unknown) => ({
    isFollowed: false,
    unit: "milliseconds" as const,
    told: `not known: ${cause instanceof Error ? cause.message : String(cause)}`,
  }))
}

type Prepared = Pick<Stage, "factory" | "connection" | "onOperation"> & { readonly abilities: Abilities }

/** Everything that is tried, until all is broken or time is up. */
const tryAll = async (prepared: Prepared, options: ProviderOptions, startedAt: number) => {
  const { budgetMillis = BUDGET_MILLIS, path, onProgress = () => {} } = options
  const deadline = startedAt + Math.min(budgetMillis, MAX_BUDGET_MILLIS)
  const seed = seedOf(options)
  const tally: Tally = newTally()
  const broken = new Map<string, Broken>()
  const isWanted = (name: string) => isAsked(options, name) && !broken.has(name)
  const isOver = () => performance.now() > deadline
  const stage: Stage = { ...prepared, isWanted, tally, isOver }

  const take = async (played: Played, where: string, isMeant = (_promise: string) => true): Promise<void> => {
    for (const { promise } of played.found) {
      if (broken.has(promise) || !isMeant(promise)) continue
      const millis = performance.now() - startedAt
      onProgress(`${promise} is broken: looks for the shortest story`)
      const end = performance.now() + SHORTENING_MILLIS
      const { played: short, found } = await shorten(
        { ...stage, isOver: () => isOver() || performance.now() > end },
        played,
        promise,
      )
      const counterexample = counterexampleOf(prepared.abilities, short, found, seed, where)
      broken.set(promise, { counterexample, millis })
    }
  }

  const trials = trialsFor(prepared.abilities, options.restart !== undefined)
  const isNamed = path !== undefined && path !== ""
  /** A story that is told again is played for what only came by it, too. */
  const isPlayed = ({ name, promises }: (typeof trials)[number]) =>
    isNamed ? path === `trial:${name}` : promises.some(isWanted)
  const byTheWay: Array<readonly [played: Played, where: string]> = []
  for (const [index, trial] of trials.entries()) {
    const { name, promises, phases } = trial
    if (isOver() || !isPlayed(trial)) continue
    onProgress(`trial ${index + 1}/${trials.length} ${name}`)
    const played = await play(stage, { phases, isLookedAt: true })
    await take(played, `trial:${name}`, (promise) => promises.includes(promise))
    if (played.found.length > 0) byTheWay.push([played, `trial:${name}`])
  }
  // A trial about something tells it better than one that only comes by it.
  for (const [played, where] of byTheWay) await take(played, where)
  for (const kind of ["sequence", "burst"] as const) {
    const drawing = drawingOf(kind, seed, path)
    while (drawing !== undefined && !isOver() && judged.some(({ name }) => isWanted(name))) {
      onProgress(`random ${kind}s`)
      const drawn = await draw(stage, kind, drawing)
      if (drawn === undefined) break
      await take(drawn.played, `${kind}:${drawn.path}`)
    }
  }
  return { tally, broken }
}

/** What to draw of a kind; nothing where something else is to be seen again. */
const drawingOf = (kind: Kind, seed: number, path = ""): Drawing | undefined => {
  if (path === "") return { seed, runCount: DRAWN_COUNT }
  return path.startsWith(`${kind}:`) ? { seed, runCount: DRAWN_COUNT, path: path.slice(kind.length + 1) } : undefined
}

/**
 * Checking a provider: every promise tried on it, one fresh provider for each try.
 *
 * It gets to know the provider first, then plays the trials, then whatever chance finds, and makes each breach as short
 * as it can, all inside one budget of time. One check runs at a time, for the clock that it turns is everybody's.
 */
import { judged } from "../judging/Judge.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { KitReport } from "../Report.ts"
import { newPatience } from "./Calls.ts"
import { alone, realClock, turnedClock, type KitClock } from "./Clock.ts"
import { limitsIn, type Limit } from "./Limits.ts"
import { probe } from "./Probe.ts"
import { probeClock, type ClockFinding } from "./ProbeClock.ts"
import type { Approve } from "./Login.ts"
import { factoryOf, nameOf, type Checkable } from "./Factory.ts"
import type { Connection, Restart, Unit } from "./Connection.ts"
import type { Store } from "./Stored.ts"
import { tryAll } from "./TryAll.ts"
import { capabilitiesOf, leftOutCountOf, resultOf } from "./Verdicts.ts"
import { watch, type OnCalls } from "./Watch.ts"
import { wordsFor } from "./Words.ts"

/** How a provider is checked. Everything has a default; times are in milliseconds. */
export interface ProviderOptions {
  /** What random calls are drawn from; the same seed draws the same. */
  readonly seed?: number
  /**
   * From how many seeds in turn they are drawn, 150 sequences and 150 bursts from each, while there is time; by default
   * from one, which is cheap enough for a test. The command goes on for as long as there is time.
   */
  readonly seedCount?: number
  /** Where in it something was found, as a counterexample says. */
  readonly path?: string
  /**
   * How long the whole check may take, shortening of stories among it; half a minute by default. What is under way when it
   * is over is ended first. A promise that it left no time for is not tried, and not kept.
   */
  readonly budgetMillis?: number
  /** Another provider over what this one has stored. */
  readonly restart?: Restart
  /** Follows a login page to the redirect with the code. */
  readonly approve?: Approve
  /** All that a provider has stored: bytes, texts, or whatever holds them. No token may be found in it. */
  readonly store?: Store
  /** Told in a sentence, again and again, what is being done. */
  readonly onProgress?: (progress: string) => void
  /** Told which calls are under way, each time that they change: for whoever watches from outside. */
  readonly onCalls?: OnCalls
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

/** How long a check may take by default. */
export const BUDGET_MILLIS = 30_000

/**
 * Tries every promise on what is given: a function or a class that makes providers of the ten methods or of the MCP
 * TypeScript SDK, a fresh one for each try, or one such provider for all.
 *
 * Rejects with `CannotCheck` when nobody can be registered or log in. A call that hangs and an error that nobody caught
 * are the report's `failure`; a busy loop and `process.exit` end whoever asked, but not the command, which runs the check
 * in a process of its own.
 *
 * @example
 * import { inMemoryProvider } from "grantlog"
 * import { checkProvider, isKept, renderTable } from "grantlog/properties"
 *
 * const report = await checkProvider(() => inMemoryProvider(), { only: ["CodeIsSingleUse"], budgetMillis: 60_000 })
 * console.log(isKept(report), renderTable(report))
 */
export const checkProvider = (given: Checkable, options: ProviderOptions = {}): Promise<KitReport> =>
  alone(async () => {
    const factory = factoryOf(given)
    const startedAt = performance.now()
    const { budgetMillis = BUDGET_MILLIS, onProgress, onCalls } = options
    const isOver = () => performance.now() > startedAt + budgetMillis
    using watching = watch(onCalls)
    const connecting = connectionFor(options)
    let operationCount = 0
    let isKnown = false
    const onOperation = () => {
      operationCount += 1
      if (!isKnown && isOver()) {
        throw new CannotCheck("the budget was over before anything was known of the provider: give it more time")
      }
    }
    const opening = (clock: KitClock, unit: Unit) => ({ factory, connection: connecting(clock, unit), onOperation })
    onProgress?.("gets to know the provider")
    const finding = await turning((clock) => probeClock((unit) => opening(clock, unit)))
    using clock = finding.isFollowed ? turnedClock() : realClock()
    const abilities = await probe(opening(clock, finding.unit), finding, limitsIn(options.limits))
    isKnown = true
    const stage = { ...opening(clock, finding.unit), abilities, isOver }
    const { tally, broken, leftOut, seedCount } = await tryAll(stage, {
      isAsked: (name) => isAsked(options, name),
      seed: seedOf(options),
      seedCount: options.seedCount ?? 1,
      path: options.path ?? "",
      onProgress: onProgress ?? (() => {}),
      elapsed: () => performance.now() - startedAt,
    })
    // What the last call left behind may still fail.
    await new Promise((resolve) => setImmediate(resolve))
    const millis = performance.now() - startedAt
    const failure = watching.failure()
    const shown = judged.filter(({ name }) => isAsked(options, name))
    return {
      subject: nameOf(given),
      results: shown.map((promise) =>
        resultOf(promise, abilities, {
          tries: tally.get(promise.name) ?? 0,
          leftOutCount: leftOutCountOf(promise.name, leftOut),
          broken: broken.get(promise.name),
          millis,
          hasStore: options.store !== undefined,
        }),
      ),
      capabilities: capabilitiesOf(abilities, options),
      seed: seedOf(options),
      seedCount,
      operationCount,
      millis,
      ...(failure === undefined ? {} : { failure }),
    }
  })

const seedOf = ({ seed = 1 }: ProviderOptions): number => seed
const isAsked = ({ only }: ProviderOptions, name: string): boolean => only === undefined || only.includes(name)

const connectionFor = ({ approve, restart, store, scopes, resources, redirectUris }: ProviderOptions) => {
  const patience = newPatience()
  const words = wordsFor(scopes, resources)
  return (clock: KitClock, unit: Unit): Connection => ({
    clock,
    unit,
    patience,
    words,
    redirectUris,
    approve,
    restart,
    store,
  })
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

/**
 * The random engine: many sequences of operations, the model beside the machine, or beside any system.
 *
 * What is found is the shortest sequence that fast-check can shrink to, with seed and path to see it again. The same
 * seed gives the same sequences.
 */
import fc, { type RunDetails } from "fast-check"
import { deviceDrafts } from "../DeviceDrafts.ts"
import { isOverWire, type Draft } from "../Drafts.ts"
import { plainly, withKeys, type Start } from "../Opening.ts"
import { judgeMove, newTally, type Breach } from "../invariants/Judge.ts"
import { promises } from "../invariants/index.ts"
import { move, newMachine } from "../Machine.ts"
import type { Operation, OperationTag } from "../Operation.ts"
import type { EngineRun } from "../Run.ts"
import { seenInFull, type SystemFactory } from "../System.ts"
import { sequences, shortened } from "./Sequences.ts"
import { tryOut, type Divergence, type Met, type Trial } from "./Trial.ts"

export interface RandomOptions {
  readonly seed: number
  readonly sequenceCount: number
  /** Most operations of a sequence, the opening and the looking not counted. */
  readonly maxLength?: number
  /** Where in the sequences of `seed` to go at once: as a finding says. */
  readonly path?: string
}

export interface Finding {
  readonly seed: number
  readonly path: string
  readonly divergence: Divergence
}

export interface RandomRun extends Met {
  readonly sequenceCount: number
  readonly finding: Finding | undefined
  /** What is wrong with all that the system's store holds in the end. */
  readonly stored?: Breach | undefined
}

const START_MILLIS = 1_893_456_000_000
const MAX_LENGTH = 24

const newMet = (): Met => ({ tally: newTally(), operations: new Map(), replies: new Map() })

const parametersOf = ({ seed, sequenceCount, path }: RandomOptions) => ({
  seed,
  numRuns: sequenceCount,
  ...(path === undefined ? {} : { path }),
})

/** Thrown inside a property, for fast-check to shrink. */
const PARTED = new Error("model and subject part")

type Outcome = Pick<
  RunDetails<[ReadonlyArray<Draft>]>,
  "numRuns" | "failed" | "seed" | "counterexample" | "counterexamplePath" | "errorInstance"
>

/** Ends with what is to be told of a run; yields what has to be tried for that, and is told what came of it. */
function* runOf(
  met: Met,
  { numRuns, failed, seed, counterexample, counterexamplePath, errorInstance }: Outcome,
  found: Divergence | undefined,
): Generator<ReadonlyArray<Draft>, RandomRun, Divergence | undefined> {
  if (!failed) return { ...met, sequenceCount: numRuns, finding: undefined }
  if (errorInstance !== PARTED || counterexample === null || found === undefined) throw errorInstance
  let divergence = found
  const shortening = shortened(counterexample[0])
  for (let next = shortening.next(); next.done !== true;) {
    const shorter = yield next.value
    const isStillFailing = shorter !== undefined && isAlike(shorter, divergence)
    if (isStillFailing) divergence = shorter
    next = shortening.next(isStillFailing)
  }
  return { ...met, sequenceCount: numRuns, finding: { seed, path: counterexamplePath ?? "", divergence } }
}

/** Broken alike: the same promise, or none and another answer. */
const isAlike = (left: Divergence, right: Divergence): boolean =>
  left.breach?.promise.name === right.breach?.promise.name

/** Model against machine. */
export const tryMachine = (options: RandomOptions): RandomRun => {
  const met = newMet()
  let found: Divergence | undefined
  const parts = { start: withKeys, isPossible: (tag: Draft["_tag"]) => !isOverWire(tag) }
  const property = fc.property(sequences(options.maxLength ?? MAX_LENGTH, parts), (drafts) => {
    const divergence = driveMachine(drafts, met)
    // Whatever fails last is what fast-check ends with.
    found = divergence ?? found
    if (divergence !== undefined) throw PARTED
  })
  const telling = runOf(met, fc.check(property, parametersOf(options)), found)
  let next = telling.next()
  while (next.done !== true) next = telling.next(driveMachine(next.value, newMet()))
  return next.value
}

const driveMachine = (drafts: ReadonlyArray<Draft>, met: Met): Divergence | undefined => {
  let machine = newMachine(withKeys.policy, START_MILLIS)
  const system = { accepts: isOfMachine, sees: seenInFull }
  const trial: Trial = { start: withKeys, at: START_MILLIS, drafts, system, met }
  const trying = tryOut(trial)
  let next = trying.next()
  while (next.done !== true) {
    const operation = next.value
    const moved = move(machine, operation)
    const breach = judgeMove(machine, operation, moved)
    const isIdle = moved.machine === machine
    machine = moved.machine
    next = trying.next({ reply: moved.reply, breach, isIdle })
  }
  return next.value
}

/** How fast a device asks is no affair of the machine's. */
const isOfMachine = (operation: Operation): boolean =>
  operation._tag !== "Redeem" || operation.waits?.isHasty === undefined

/** Model against a system; each sequence gets one of its own. */
export const trySystem = async (factory: SystemFactory, options: RandomOptions): Promise<RandomRun> => {
  const met = newMet()
  const { possible, close, hasDevices = false, start = plainly } = await factory()
  await close()
  const isPossible = (tag: Draft["_tag"]) =>
    tag in deviceDrafts
      ? hasDevices
      : isOverWire(tag)
        ? start.policy.isInvited === true
        : possible(tag === "PassTo" ? "Pass" : (tag as OperationTag))
  let found: Divergence | undefined
  const parts = { start, isPossible }
  const property = fc.asyncProperty(sequences(options.maxLength ?? MAX_LENGTH, parts), async (drafts) => {
    const divergence = await driveSystem(factory, start, drafts, met)
    found = divergence ?? found
    if (divergence !== undefined) throw PARTED
  })
  const telling = runOf(met, await fc.check(property, parametersOf(options)), found)
  let next = telling.next()
  while (next.done !== true) next = telling.next(await driveSystem(factory, start, next.value, newMet()))
  return next.value
}

const driveSystem = async (
  factory: SystemFactory,
  start: Start,
  drafts: ReadonlyArray<Draft>,
  met: Met,
): Promise<Divergence | undefined> => {
  const system = await factory()
  try {
    const trying = tryOut({ start, at: system.now(), drafts, system, met })
    let next = trying.next()
    while (next.done !== true) {
      const [operation, before] = [next.value, system.now()]
      const reply = await system.run(operation)
      // What passes by itself, the model knows of.
      next = trying.next({ reply, elapsedMillis: operation._tag === "Pass" ? 0 : system.now() - before })
    }
    return next.value
  } finally {
    await system.close()
  }
}

const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, count) => all + count, 0)

/** The run as the report wants it: of the promises, those that something was held against. */
export const engineRunOf = (
  engine: string,
  runs: ReadonlyArray<RandomRun>,
  views: ReadonlyArray<"onStep" | "onMove" | "onStore">,
  notTried: ReadonlyArray<string>,
): EngineRun => {
  const total = (name: string) => runs.reduce((tries, { tally }) => tries + (tally.get(name) ?? 0), 0)
  const broken = runs.flatMap(({ finding, stored }) =>
    [finding?.divergence.breach, stored].map((one) => one?.promise.name),
  )
  return {
    engine,
    promises: Object.fromEntries(
      promises
        .filter((promise) => views.some((view) => promise[view] !== undefined))
        .map(({ name }) => [name, { tries: total(name), verdict: broken.includes(name) ? "broken" : "kept" }]),
    ),
    numbers: {
      sequences: runs.reduce((count, { sequenceCount }) => count + sequenceCount, 0),
      operations: runs.reduce((count, { operations }) => count + sum(operations), 0),
    },
    notTried,
  }
}

/**
 * One run: several instances over one store, people who use them, and everything that can go wrong; all from one seed.
 *
 * Two phases. In the first, faults happen. Then everything is healed, all instances are started again, and everybody
 * must get on: sessions that nobody ended are refreshed with what their apps hold, and everybody can log in anew.
 * The same seed gives the same run, to the byte. Times, tokens and ids are the run's own; no clock is read.
 */
import { Effect } from "effect"
import { looking, redeeming } from "../Asking.ts"
import { policy } from "../Opening.ts"
import { newTally, type Tally } from "../invariants/Judge.ts"
import type { Model } from "../Model.ts"
import type { Operation, Reply } from "../Operation.ts"
import {
  app,
  approval,
  badLuck,
  operator,
  refreshed,
  resourceServer,
  thief,
  type Owner,
  type Session,
  type Stage,
} from "./Cast.ts"
import { agent, television, twoTabs } from "./Extras.ts"
import { MAX_ERROR_MILLIS, type Wiring } from "./Cluster.ts"
import type { FaultCounts, FaultKind } from "./Faults.ts"
import { contentsOf, judgeAnswers, judgePromises, type Failure } from "./Judge.ts"
import type { Sent } from "./Network.ts"
import { setUp } from "./SetUp.ts"
import { reasonToEnd } from "./Survival.ts"
import { makeWorld } from "./World.ts"

export interface SimulateOptions {
  readonly wiring: Wiring
  /** Faults that may happen; default all. */
  readonly faultKinds?: ReadonlyArray<FaultKind>
  /** Counts how often each promise was at stake. */
  readonly tally?: Tally
}

export interface Run {
  readonly seed: number
  /** Everything that happened, in order, and what the log holds in the end. */
  readonly transcript: string
  readonly faults: FaultCounts
  readonly sent: ReadonlyArray<Sent>
  /** What there was before the first call. */
  readonly initial: Model
  /** Sessions that had to survive, and those of them that a reply or a crash had left in doubt. */
  readonly survivorCount: number
  readonly rescuedCount: number
  readonly failure: Failure | undefined
}

const OWNERS: ReadonlyArray<Owner> = [
  { name: "ann's app", client: 0, subject: 0 },
  { name: "bob's app", client: 1, subject: 1 },
  { name: "ann's other app", client: 1, subject: 0 },
]
/** Who is not an app: devices and agents are of a client that may do both. */
const [AGENT, TELEVISION, TABS]: readonly [Owner, Owner, Owner] = [
  { name: "bob's agent", client: 1, subject: 1 },
  { name: "ann's television", client: 1, subject: 0 },
  { name: "ann's browser", client: 0, subject: 0 },
]
const NAMES = ["A", "B", "C"]

/** Throws an error that names the seed when the run cannot be brought to an end. */
export const simulate = (seed: number, options: SimulateOptions): Run => {
  try {
    return runOf(seed, options)
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

const runOf = (seed: number, { wiring, faultKinds, tally = newTally() }: SimulateOptions): Run => {
  const world = makeWorld(seed, wiring, faultKinds)
  const { stage, initial } = setUp(world, wiring, NAMES.slice(0, 2 + world.dice.below(2)))
  const { bag, dice, faults, holder, notes, store } = world
  const play = (program: Effect.Effect<unknown>) => Effect.runFork(program, { scheduler: bag.scheduler })

  faults.begin()
  for (const owner of OWNERS) if (dice.chance(0.8)) play(app(stage, owner))
  if (dice.chance(0.4)) play(thief(stage))
  if (dice.chance(0.3)) play(operator(stage))
  if (dice.chance(0.7)) play(resourceServer(stage))
  if (dice.chance(0.25)) play(agent(stage, AGENT))
  if (dice.chance(0.2)) play(television(stage, TELEVISION))
  if (dice.chance(0.1)) play(twoTabs(stage, TABS))
  play(badLuck(stage))
  bag.empty()

  heal(stage)
  const doubted = new Set(stage.sessions.filter((session) => isInDoubt(session, stage.network.sent())))
  const recovery = OWNERS.map((owner) => ({ owner, replies: new Array<Reply | undefined>() }))
  for (const session of stage.sessions) play(refreshTwice(stage, session))
  for (const { owner, replies } of recovery) play(loginAnew(stage, owner, replies))
  bag.empty()

  const sent = stage.network.sent()
  const survivors = stage.sessions.filter(
    (session) => reasonToEnd(session, sent, stage.isPublic(session.owner.client), policy) === undefined,
  )
  const contents = contentsOf(
    store.log,
    wiring.projection,
    holder.secrets().map(({ text }) => text),
  )
  const answers = judgeAnswers(initial, sent)
  const promises = judgePromises(initial, sent, contents, tally)
  const transcript = [`seed ${seed}`, ...notes, ...contents.entries.map(({ text }) => text)].join("\n")
  return {
    seed,
    transcript,
    faults: faults.counts(),
    sent,
    initial,
    survivorCount: survivors.length,
    rescuedCount: survivors.filter((session) => doubted.has(session)).length,
    failure:
      promises && answers
        ? { ...promises, story: [...promises.story, ...answers.story] }
        : (answers ??
          promises ??
          judgeClocks(stage.cluster.worstErrorMillis()) ??
          judgeSurvival(survivors, notes) ??
          judgeLogins(recovery, sent, notes)),
  }
}

/** No more faults, every instance new, and time enough that nobody's clock is ahead of it. */
const heal = ({ world, cluster }: Stage): void => {
  const { bag, faults, note, store, time } = world
  note("everything is healed")
  faults.heal()
  store.setFull(false)
  const { recordedAt } = store.head()
  cluster.pass(Math.max(0, recordedAt - time.now()) + 1000)
  cluster.restart()
  bag.empty()
}

/** Whether the app presented what it holds and saw no answer. */
const isInDoubt = ({ owner, holds }: Session, sent: ReadonlyArray<Sent>): boolean =>
  sent.some(({ call: { operation }, process }) => {
    return operation._tag === "Refresh" && operation.token === holds && process.startsWith(owner.name)
  })

const refreshTwice = Effect.fnUntraced(function* (stage: Stage, session: Session) {
  if (session.isOver) return
  yield* enableClient(stage, session.owner)
  const reply = yield* refreshed(stage, session, 1)
  if (reply?._tag === "Tokens") yield* refreshed(stage, session, 1)
  if (reply?._tag !== "Tokens") session.isOver = true
})

const enableClient = ({ network }: Stage, { client }: Owner) =>
  network.send("operator", { _tag: "EnableClient", client } satisfies Operation)

const loginAnew = Effect.fnUntraced(function* (stage: Stage, owner: Owner, replies: Array<Reply | undefined>) {
  const { network, world } = stage
  yield* enableClient(stage, owner)
  yield* network.send("operator", { _tag: "EnableSubject", subject: owner.subject })
  const grant = world.newRequest()
  replies.push(yield* network.send(owner.name, approval(owner, grant)))
  const tokens = yield* network.send(owner.name, redeeming(grant, { by: owner.client }))
  replies.push(tokens)
  if (tokens?._tag !== "Tokens") return
  replies.push(yield* network.send("resource server", looking(tokens.access)))
})

const judgeClocks = (worstErrorMillis: number): Failure | undefined =>
  worstErrorMillis <= MAX_ERROR_MILLIS
    ? undefined
    : { what: "an instance believed a clock that had jumped", story: [`by ${worstErrorMillis / 1000} s`] }

const judgeSurvival = (survivors: ReadonlyArray<Session>, notes: ReadonlyArray<string>): Failure | undefined => {
  const lost = survivors.find((session) => session.isOver)
  return lost === undefined
    ? undefined
    : { what: `${lost.owner.name} lost its session (grant ${lost.grant}) for no reason`, story: notes }
}

const judgeLogins = (
  recovery: ReadonlyArray<{ readonly owner: Owner; readonly replies: ReadonlyArray<Reply | undefined> }>,
  sent: ReadonlyArray<Sent>,
  notes: ReadonlyArray<string>,
): Failure | undefined => {
  const forgotten = new Set(
    sent.map(({ call: { operation } }) => (operation._tag === "ForgetSubject" ? operation.subject : undefined)),
  )
  const shut = recovery
    .filter(({ owner }) => !forgotten.has(owner.subject))
    .find(({ replies }) => replies.length < 3 || replies[2]?._tag !== "Active")
  return shut === undefined ? undefined : { what: `${shut.owner.name} cannot log in after healing`, story: notes }
}

/**
 * Playing a plan on a fresh provider, and what was wrong with it.
 *
 * As long as one call follows another each is judged at once, and the first objection ends the play. From the first
 * calls that run at the same time on, the whole is judged in the end: is there an order that explains it?
 */
import { refresh, verify } from "../../Drafting.ts"
import { resolve, type Draft } from "../../Drafts.ts"
import { NoSecretIsStored } from "../../invariants/NoSecretIsStored.ts"
import { isAccessAlive, remembering, type Model } from "../../Model.ts"
import type { Operation, Reply, Step } from "../../Operation.ts"
import { fitting, type Abilities } from "./Abilities.ts"
import { isSilence } from "./Calls.ts"
import { harmBy } from "./Control.ts"
import { EveryCallIsAnswered } from "../judging/EveryCallIsAnswered.ts"
import { explain } from "./Explain.ts"
import { followedBy, judged, objectionsTo } from "../judging/Judge.ts"
import type { Manner } from "./Manner.ts"
import { atOnce, clientCountOf, type Phase, type Plan, type PlannedCall } from "./Plan.ts"
import type { ProviderSystem } from "./ProviderSystem.ts"
import { storedSecret } from "./Stored.ts"
import { open, type Found, type Made, type Stage } from "./Stage.ts"

export interface Played {
  /** The model when everybody is registered. */
  readonly opening: Model
  readonly made: ReadonlyArray<Made>
  readonly found: ReadonlyArray<Found>
}

/** How many access tokens are looked at in the end. */
const MAX_LOOKS = 12

export const play = async (stage: Stage, plan: Plan): Promise<Played> => {
  const { abilities, isWanted, tally, onOperation } = stage
  const { clock } = stage.connection
  const calls = plan.phases.flatMap((phase) => phase.calls)
  const { system, model: opening } = await open(stage, clientCountOf(plan), calls)
  const made: Array<Made> = []
  const found: Array<Found> = []
  let model = opening
  let moment = 0
  /** The latest time that a call was made at: whoever was asked then knows of it, whatever its clock says later. */
  let latest = -Infinity
  let hasOverlapped = false
  let hasSteppedBack = false
  let isStopped = false

  const operationOf = (draft: Draft): Operation | undefined => {
    const operation = fitting(abilities, resolve(model, draft))
    const isAnswered = operation?._tag === "Approve" && operation.grant < model.grants.length
    return isAnswered ? undefined : operation
  }

  const perform = async (call: PlannedCall, operation: Operation, phase: number, isAfterRestart: boolean) => {
    await system.waitFor(call.start)
    const invokedAt = moment++
    const at = (latest = Math.max(latest, system.now()))
    const { reply, remarks } = await system.perform(operation, call.manner)
    onOperation()
    const step: Step = { operation: asShown(model, operation, reply), reply, at }
    const one: Made = { call, step, phase, isAfterRestart, invokedAt, returnedAt: moment++ }
    made.push(one)
    const order = made.map((_, index) => index)
    found.push(...remarks.filter(({ promise }) => isWanted(promise)).map((remark) => ({ ...remark, order })))
    if (isSilence(reply)) isStopped = true
    return one
  }

  const judge = async (step: Step): Promise<void> => {
    const then = { ...model, at: step.at }
    for (const promise of judged) {
      if (promise.isAtStake(then, step)) tally.set(promise.name, (tally.get(promise.name) ?? 0) + 1)
    }
    const objections = objectionsTo(model, step, () => true)
    const isFatal = objections.some(({ promise }) => promise !== EveryCallIsAnswered.name)
    const harm = isFatal ? undefined : await clock.aside(() => harmBy(stage, opening.clients.length, made, then))
    const order = made.map((_, index) => index)
    found.push(
      ...[...objections, ...(harm ?? [])].filter(({ promise }) => isWanted(promise)).map((one) => ({ ...one, order })),
    )
    if (isFatal || harm !== undefined) isStopped = true
  }
  /** What was handed out must not be found in what is stored; it is named by its number, as in the story. */
  const lookIntoStore = async (): Promise<void> => {
    const isFound = found.some(({ promise }) => promise === NoSecretIsStored.name)
    const texts = isFound || !isWanted(NoSecretIsStored.name) ? undefined : await system.stored()
    const secret = texts && storedSecret(texts, system.secrets())
    if (secret === undefined) return
    const objection = `what is stored has ${secret.name} in it, for whoever reads it to use`
    found.push({ promise: NoSecretIsStored.name, objection, order: made.map((_, index) => index) })
  }
  const sequentially = async (call: PlannedCall, phase: number, isAfterRestart: boolean): Promise<void> => {
    const operation = operationOf(call.draft)
    if (operation === undefined) return
    const { step } = await perform(call, operation, phase, isAfterRestart)
    if (!hasOverlapped) await judge(step)
    if (NoSecretIsStored.isAtStake(model, step)) await lookIntoStore()
    // By which clock it ends that is given once the clock has stepped back nobody knows.
    if (operation._tag === "Pass" && operation.millis < 0) hasSteppedBack = true
    if (step.reply._tag === "Tokens" && hasSteppedBack) isStopped = true
    const after = followedBy(abilities.habits, model, step)
    model = hasOverlapped ? after : remembering(after, step)
  }

  const atTheSameTime = async ({ calls, isAfterRestart }: Phase, phase: number): Promise<void> => {
    let approvalCount = 0
    const asked = calls.flatMap((call) => {
      const operation = operationOf(call.draft)
      if (operation === undefined) return []
      // Requests that are approved at the same time are as many new ones.
      const own = operation._tag === "Approve" ? { ...operation, grant: operation.grant + approvalCount++ } : operation
      return [{ call, operation: own }]
    })
    if (asked.length === 1) return sequentially(asked[0]!.call, phase, isAfterRestart)
    // Who did what to whom cannot be told of calls that ran at the same time.
    const { past: _, ...rest } = model
    model = rest
    hasOverlapped = true
    const firstIndex = made.length
    await Promise.all(asked.map(({ call, operation }) => perform(call, operation, phase, isAfterRestart)))
    for (const { step } of made.slice(firstIndex)) model = followedBy(abilities.habits, model, step)
    await lookIntoStore()
  }

  for (const [number, phase] of plan.phases.entries()) {
    if (isStopped) break
    if (phase.isAfterRestart) await system.restart()
    await (phase.calls.length === 1
      ? sequentially(phase.calls[0]!, number, phase.isAfterRestart)
      : atTheSameTime(phase, number))
  }
  let looks = plan.phases.length
  for (const call of plan.isLookedAt ? looksAt(abilities, () => model) : []) {
    if (isStopped) break
    await sequentially(call, looks++, false)
  }
  await close(system)
  const late = hasOverlapped ? explain(stage, opening, made) : []
  return { opening, made, found: [...found, ...late] }
}

/** Where nothing was loaded, only client and code or token were shown: what did not come to be shown was not wrong. */
const asShown = (model: Model, operation: Operation, reply: Reply): Operation => {
  if (reply._tag !== "Refused" || reply.by !== "load") return operation
  switch (operation._tag) {
    case "Redeem": {
      const key = operation.code === "made up" ? null : (model.grants[operation.code]?.key ?? null)
      return { ...operation, verifier: "right", redirectUri: "right", resources: null, key }
    }
    case "Refresh": {
      const key = operation.token === "made up" ? null : (model.refreshTokens[operation.token]?.key ?? null)
      return { ...operation, scopes: null, resources: null, key }
    }
    default:
      return operation
  }
}

const look = (draft: Draft, manner?: Manner): PlannedCall => ({ draft, start: atOnce, manner })

/**
 * Every access token, those that are dead in either way, then a refresh with the newest token of each grant, and what
 * came of it.
 */
function* looksAt({ loadsAccess }: Abilities, modelNow: () => Model): Generator<PlannedCall> {
  const tokens = [...modelNow().accessTokens.keys()].toReversed().slice(0, MAX_LOOKS)
  for (const token of tokens) {
    const seen = verify(modelNow().accessTokens.length - 1 - token)
    yield look(seen)
    if (loadsAccess && !isAccessAlive(modelNow(), token)) yield look(seen, "through loadAccessToken")
  }
  for (const grant of modelNow().grants.keys()) {
    const { refreshTokens } = modelNow()
    const newest = refreshTokens.findLastIndex((token) => token.grant === grant && token.spentAt === null)
    if (newest < 0) continue
    yield look(refresh(refreshTokens.length - 1 - newest, { key: refreshTokens[newest]!.key }))
    yield look(verify())
  }
}

/** What cannot be disposed of is left to the collector of garbage; the promises are about what happened before. */
const close = (system: ProviderSystem): Promise<void> => system.close().catch(() => {})

/** The plan that says outright what was done, looks included. */
export const planOf = ({ made }: Played): Plan => {
  const numbers = [...new Set(made.map(({ phase }) => phase))].toSorted((left, right) => left - right)
  const phases = numbers.map((number): Phase => {
    const own = made.filter(({ phase }) => phase === number).toSorted((left, right) => left.invokedAt - right.invokedAt)
    return { calls: own.map(({ call }) => call), isAfterRestart: own[0]!.isAfterRestart }
  })
  return { phases, isLookedAt: false }
}

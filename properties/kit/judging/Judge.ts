/**
 * The promises held against what a provider did, and the model that follows it.
 *
 * A policy is not a fault, but a provider is held to its own: what its revocation ends when nothing else happens it has
 * to end beside other calls too.
 */
import { promises } from "../../invariants/index.ts"
import type { Invariant } from "../../invariants/Invariant.ts"
import { expect, type Model } from "../../Model.ts"
import type { OperationOf, Step } from "../../Operation.ts"
import { follow } from "../../Tolerance.ts"
import { EveryCallIsAnswered } from "./EveryCallIsAnswered.ts"
import { NothingCanBeGuessed } from "./NothingCanBeGuessed.ts"
import { RefreshKeepsTheGrant } from "./RefreshKeepsTheGrant.ts"

/** Everything that a check gives a verdict on. */
export const judged: ReadonlyArray<Invariant> = [
  ...promises,
  RefreshKeepsTheGrant,
  NothingCanBeGuessed,
  EveryCallIsAnswered,
]

/** What a revocation does to a grant when nothing else happens; beside other calls it has to do the same. */
export interface Habits {
  readonly endsBySpentRefresh: boolean
  readonly endsByAccess: boolean
  readonly endsByOlderAccess: boolean
}

export interface Objected {
  readonly promise: string
  readonly objection: string
}

/** A provider's own word for it: the record that it gives out says that it has ended. */
const endedByOwnRecord = ({ operation, reply, at }: Step): string | undefined =>
  operation._tag === "Verify" && reply._tag === "Active" && reply.expiresAt <= at
    ? `access token ${operation.token} is active, and its own record says that it ended ${at === reply.expiresAt ? "just now" : `${(at - reply.expiresAt) / 1000} s ago`}`
    : undefined

/** What is broken where an access token is alive in a grant that is over. */
export const aboutEndedGrants: ReadonlySet<string> = new Set([
  "RevocationIsFinal",
  "ReplayKillsGrant",
  "ReuseKillsGrant",
])

/** Whether what `step` shows is no fault of a provider that says that its access tokens live until they expire. */
const isWithinLimit = (name: string, { policy }: Model, { operation }: Step): boolean =>
  policy.isAccessStateless === true && aboutEndedGrants.has(name) && operation._tag === "Verify"

/** Every objection to `step`; `before` has followed all that was before it. */
export const objectionsTo = (before: Model, step: Step, isWanted: (name: string) => boolean): ReadonlyArray<Objected> =>
  judged.flatMap((promise) => {
    if (!isWanted(promise.name)) return []
    if (isWithinLimit(promise.name, before, step)) return []
    const own = promise.name === "ExpiryIsExact" ? endedByOwnRecord(step) : undefined
    const objection = promise.onStep?.({ ...before, at: step.at }, step) ?? own
    return objection === undefined ? [] : [{ promise: promise.name, objection }]
  })

/** The model after a step, knowing what the provider's revocation does by itself. */
export const followedBy = (habits: Habits, before: Model, step: Step): Model => {
  const { operation, reply, at } = step
  if (operation._tag === "Revoke" && reply._tag === "Done" && isHabitual(habits, { ...before, at }, operation)) {
    return expect({ ...before, at }, operation).model
  }
  return follow(before, step)
}

/** Whether it is the situation in which the habit was seen: no time has passed since the refresh before it. */
const isHabitual = (habits: Habits, { at, refreshTokens, accessTokens }: Model, revocation: OperationOf<"Revoke">) => {
  const { token, kind } = revocation
  if (token === "made up") return false
  if (kind === "refresh") {
    const { spentAt, successor } = refreshTokens[token]!
    const isJustSpent = spentAt === at && successor !== null && refreshTokens[successor]?.spentAt === null
    return isJustSpent && habits.endsBySpentRefresh
  }
  const { grant } = accessTokens[token]!
  const isNewest = accessTokens.findLastIndex((one) => one.grant === grant) === token
  return isNewest ? habits.endsByAccess : habits.endsByOlderAccess
}

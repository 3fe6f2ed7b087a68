/**
 * Something that should be alive is answered dead: what was it, and who may have done it?
 *
 * Looks back to when it was last seen alive. If its owner did anything since, that may be somebody's policy; if not, a
 * promise is broken, and which one depends on what was asked in between.
 */
import { grantOf, isAuthenticated, isByOwner, isInContext, mayEndSibling } from "../../model/About.ts"
import { isAccessAlive, isGrantAlive, isSuspended, type Model } from "../../Model.ts"
import type { Ref, Step } from "../../Operation.ts"
import { isBefore } from "./Shown.ts"

export interface Victim {
  readonly kind: "access token" | "refresh token" | "code"
  readonly ref: Ref
  readonly grant: Ref
}

/** What the model has alive and `step` answers dead, although its owner presents it as it was meant to be. */
export const victimOf = (before: Model, { operation, reply }: Step): Victim | undefined => {
  const { _tag } = operation
  if (_tag !== "Verify" && _tag !== "Refresh" && _tag !== "Redeem") return undefined
  const isDead = reply._tag === "Inactive" || (reply._tag === "Refused" && reply.error === "invalid_grant")
  const grant = isDead ? grantOf(before, operation) : undefined
  if (grant === undefined || !isGrantAlive(before, grant)) return undefined
  if (isSuspended(before, grant)) return undefined
  const victim = (kind: Victim["kind"], ref: Ref, isAlive: boolean) => (isAlive ? { kind, ref, grant } : undefined)
  switch (_tag) {
    case "Verify": {
      const ref = operation.token as Ref
      const end = before.accessTokens[ref]!.expiresAt
      return victim("access token", ref, isAccessAlive(before, ref) && isBefore(before, end))
    }
    case "Refresh": {
      const ref = operation.token as Ref
      const { spentAt, expiresAt } = before.refreshTokens[ref]!
      const isPlain = operation.scopes === null && operation.resources === null && isInContext(before, operation)
      return victim("refresh token", ref, isPlain && spentAt === null && isBefore(before, expiresAt))
    }
    case "Redeem": {
      const { code, codeExpiresAt } = before.grants[grant]!
      const isPlain = operation.resources === null && isInContext(before, operation)
      return victim("code", grant, isPlain && code === "unspent" && isBefore(before, codeExpiresAt))
    }
  }
}

/** Who or what may have ended it: `its owner` explains everything, `nothing` means that it never was alive. */
export type Cause = "its owner" | "a stranger" | "a reading" | "time" | "nothing"

const isSighting = ({ kind, ref }: Victim, { operation, reply }: Step): boolean => {
  switch (kind) {
    case "access token":
      if (operation._tag === "Verify") return operation.token === ref && reply._tag === "Active"
      return reply._tag === "Tokens" && reply.access === ref
    case "refresh token":
      return reply._tag === "Tokens" && reply.refresh === ref
    case "code":
      return reply._tag === "Code" && reply.grant === ref
  }
}

const causeIn = (before: Model, victim: Victim, step: Step): Cause => {
  const { operation } = step
  const isOwners = isByOwner(before, operation, victim.grant) || mayEndSibling(before, step, victim.grant)
  switch (operation._tag) {
    case "Pass":
      return operation.millis > 0 ? "time" : "nothing"
    case "Verify":
      return "a reading"
    case "Redeem": {
      // Who holds a code and fails may spend it: codes are for one attempt where a server wants it so (RFC 6749 10.5).
      const isAttempt = victim.kind === "code" && operation.code === victim.ref
      const isClient = operation.by === before.grants[victim.grant]!.client
      if (isAttempt && isClient && isAuthenticated(before, operation.by, operation.authentication)) return "its owner"
      return isOwners ? "its owner" : "a stranger"
    }
    default:
      return isOwners ? "its owner" : "a stranger"
  }
}

const inOrder: ReadonlyArray<Cause> = ["its owner", "a stranger", "a reading", "time", "nothing"]

/** The weightiest cause since `victim` was last seen alive; `undefined` where nobody kept what happened. */
export const causeOf = (before: Model, victim: Victim): Cause | undefined => {
  const found = new Set<Cause>(["nothing"])
  let past = before.past
  for (; past !== undefined && !isSighting(victim, past.step); past = past.older) {
    found.add(causeIn(before, victim, past.step))
  }
  if (past === undefined) return undefined
  const hasAged = found.has("time") || past.step.at < before.at
  // How long a code or refresh token lives is nowhere said: its end may simply have come.
  if (hasAged && before.policy.isGuessed === true && victim.kind !== "access token") return "its owner"
  if (hasAged) found.add("time")
  return inOrder.find((cause) => found.has(cause))
}

/** The death that `step` shows, where one of `causes` has to answer for it; in words. */
export const deathBy = (before: Model, step: Step, causes: ReadonlyArray<Cause>): string | undefined => {
  const victim = victimOf(before, step)
  const cause = victim === undefined ? undefined : causeOf(before, victim)
  return victim === undefined || cause === undefined || !causes.includes(cause)
    ? undefined
    : `${victim.kind} ${victim.ref} is dead before its time`
}

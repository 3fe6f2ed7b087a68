/**
 * Following somebody else's server: what the model holds to be true after an answer that is not ours but may be sound.
 *
 * A policy is not a fault. Where a server may end a grant or keep it, the model is unsure until an answer shows which;
 * meanwhile no promise can be broken by the grant being dead, nor by its being alive. It never judges: an answer that
 * no policy explains is followed as it was given, and left to the promises.
 */
import { expect, type AccessThing, type Model, type RefreshThing } from "./Model.ts"
import { grantOf } from "./model/About.ts"
import type { Operation, OperationOf, Ref, Reply, Step } from "./Operation.ts"

type Tokens = Extract<Reply, { readonly _tag: "Tokens" }>

/** The model after `step`, whoever answered it. */
export const follow = (before: Model, { operation, reply, at }: Step): Model => {
  const model = resolved({ ...before, at }, operation, reply)
  const expected = expect(model, operation)
  if (reply._tag === "Tokens") {
    return expected.reply._tag === "Tokens"
      ? corrected(model, expected.model, operation, reply)
      : handedOut(model, operation, reply)
  }
  if (reply._tag === "Code" && expected.reply._tag !== "Code") return approvedAnyway(model, operation)
  if (operation._tag === "Revoke" && reply._tag === "Done") return revoked(model, expected.model, operation)
  if (reply._tag === "Refused" && expected.reply._tag === "Refused") {
    const mayBeReuse = isSpentByOwner(model, operation) && expected.model === model
    return mayBeReuse || isRefusedBefore(model, operation) ? unsure(model, operation) : expected.model
  }
  return reply._tag === expected.reply._tag ? expected.model : unsure(model, operation)
}

const withEnd = (model: Model, grant: Ref | undefined, from: "unsure" | null, end: "unsure" | null): Model => {
  const thing = grant === undefined ? undefined : model.grants[grant]
  return grant === undefined || thing === undefined || thing.end !== from
    ? model
    : { ...model, grants: model.grants.with(grant, { ...thing, end }) }
}

const unsure = (model: Model, operation: Operation): Model => withEnd(model, grantOf(model, operation), null, "unsure")

/** What was unsure and gives something is alive; but for access tokens that live on by themselves. */
const resolved = (model: Model, operation: Operation, reply: Reply): Model =>
  reply._tag === "Tokens" || (reply._tag === "Active" && model.policy.isAccessStateless !== true)
    ? withEnd(model, grantOf(model, operation), "unsure", null)
    : model

/**
 * A spent refresh token of its own client, or a spent code with its verifier: strict servers take it for reuse or a replay
 * whatever else is wrong with the request, such as the redirect URI.
 */
const isSpentByOwner = (model: Model, operation: Operation): boolean => {
  if (operation._tag === "Redeem" && operation.code !== "made up") {
    const grant = model.grants[operation.code]
    const isProven = operation.verifier === "right" && operation.authentication !== "wrong"
    return grant?.code === "spent" && grant.client === operation.by && isProven
  }
  if (operation._tag !== "Refresh" || operation.token === "made up" || operation.authentication === "wrong")
    return false
  const thing = model.refreshTokens[operation.token]
  return thing !== undefined && thing.spentAt !== null && model.grants[thing.grant]!.client === operation.by
}

/**
 * A replay or reuse that may not have been noticed, for something else was wrong as well: a resource that was not granted,
 * or an end that has come, after which nothing need be known of a code or refresh token.
 */
const isRefusedBefore = (model: Model, operation: Operation): boolean => {
  if (operation._tag === "Refresh") {
    return operation.token !== "made up" && model.at >= (model.refreshTokens[operation.token]?.expiresAt ?? Infinity)
  }
  if (operation._tag !== "Redeem" || operation.code === "made up") return false
  const grant = model.grants[operation.code]
  if (grant === undefined || grant.code !== "spent") return false
  const isTarget = operation.resources?.every((one) => grant.resources.includes(one)) ?? true
  return !isTarget || model.at >= grant.codeExpiresAt
}

/** Revoked: the token for certain; what hangs on it for certain only from an unspent refresh token on. */
const revoked = (before: Model, after: Model, operation: OperationOf<"Revoke">): Model => {
  const { kind, token } = operation
  if (after === before || token === "made up") return after
  if (kind === "refresh") return before.refreshTokens[token]!.spentAt === null ? after : unsure(before, operation)
  const thing = { ...before.accessTokens[token]!, isRevoked: true }
  return unsure({ ...before, accessTokens: before.accessTokens.with(token, thing) }, operation)
}

/** Tokens that were due, as they were given: perhaps without a refresh token, or with the same one again. */
const corrected = (before: Model, after: Model, operation: Operation, reply: Tokens): Model => {
  const presented = operation._tag === "Refresh" && operation.token !== "made up" ? operation.token : undefined
  const isRetry = presented !== undefined && before.refreshTokens[presented]!.spentAt !== null
  if (isRetry) return handedOut(before, operation, reply)
  const isRotated = reply.refresh !== null && reply.refresh !== presented
  const access = after.accessTokens.at(-1)!
  const given = { ...access, scopes: reply.scopes, expiresAt: reply.expiresAt }
  return {
    ...after,
    refreshTokens: isRotated ? after.refreshTokens : before.refreshTokens,
    accessTokens: reply.access < before.accessTokens.length ? before.accessTokens : after.accessTokens.with(-1, given),
  }
}

/** Tokens that a second presentation got, or that no rule of ours gives: taken down as they are. */
const handedOut = (model: Model, operation: Operation, reply: Tokens): Model => {
  const grant = grantOf(model, operation)
  const thing = grant === undefined ? undefined : model.grants[grant]
  if (grant === undefined || thing === undefined || !("key" in operation)) return model
  const from = operation._tag === "Refresh" && operation.token !== "made up" ? operation.token : null
  const asked = "resources" in operation && operation.resources?.length ? operation.resources : thing.resources
  const access: AccessThing = {
    grant,
    from,
    scopes: reply.scopes,
    resources: asked,
    details: thing.details,
    key: operation.key ?? null,
    expiresAt: reply.expiresAt,
    isRevoked: false,
  }
  const lifetimes = model.clients[thing.client]!.profile.isPublic ? model.policy.public : model.policy.confidential
  const refresh: RefreshThing = {
    grant,
    key: null,
    expiresAt: Math.min(model.at + lifetimes.refreshIdle, thing.expiresAt),
    spentAt: null,
    successor: null,
    retryCount: 0,
  }
  const isNew = (ref: Ref | null, things: ReadonlyArray<unknown>) => ref !== null && ref >= things.length
  const spent =
    from === null || reply.refresh === null || reply.refresh === from
      ? model.refreshTokens
      : model.refreshTokens.with(from, {
          ...model.refreshTokens[from]!,
          spentAt: model.refreshTokens[from]!.spentAt ?? model.at,
          successor: reply.refresh,
        })
  return {
    ...model,
    grants: operation._tag === "Redeem" ? model.grants.with(grant, { ...thing, code: "spent" }) : model.grants,
    refreshTokens: isNew(reply.refresh, model.refreshTokens) ? [...spent, refresh] : spent,
    accessTokens: isNew(reply.access, model.accessTokens) ? [...model.accessTokens, access] : model.accessTokens,
  }
}

/** A code for a request that should have been refused: what was asked for counts as granted, and nothing is certain. */
const approvedAnyway = (model: Model, operation: Operation): Model => {
  if (operation._tag !== "Approve") return model
  const { client, subject, scopes, resources, key } = operation
  const thing = model.clients[client]
  const lifetimes = thing?.profile.isPublic === false ? model.policy.confidential : model.policy.public
  const approved = {
    client,
    subject,
    scopes: scopes ?? model.policy.defaultScopes,
    resources: resources ?? [],
    details: [],
    key,
    hasRefresh: true,
    code: "unspent",
    codeExpiresAt: model.at + lifetimes.code,
    expiresAt: model.at + lifetimes.grant,
    end: "unsure",
    from: [],
    mayAct: null,
  } as const
  return { ...model, grants: [...model.grants, approved] }
}

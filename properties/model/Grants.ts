/**
 * The model's grants: approved, redeemed and refreshed; each rule where a standard states it.
 *
 * OAuth 2.1 4.1 and 4.3; for the retry window spec/decisions/020.
 */
import { DEVICE_CODE_GRANT } from "../../src/protocol/index.ts"
import { DEVICE_MILLIS, endGrant, isAccessAlive, isGrantAlive, lifetimesOf, refuse } from "./Things.ts"
import type { AccessThing, Expected, GrantThing, Model, RefreshThing } from "./Things.ts"
import { hasRefresh, isSame, narrowed, offered, type Given } from "./Access.ts"
import { isOfferedTo, tokenObjection } from "./Clients.ts"
import { answered, unanswerable } from "./Pushed.ts"
import type { OperationOf, Ref, Reply } from "../Operation.ts"

const MAX_LIVE_ACCESS_TOKENS = 64
const MAX_RETRIES = 8

/** Of a grant that was no exchange. */
export const fromNothing = { from: [], mayAct: null } as const

export const isBarred = ({ disabledSubjects, forgottenSubjects }: Model, subject: Ref): boolean =>
  disabledSubjects.includes(subject) || forgottenSubjects.includes(subject)

export const approve = (model: Model, operation: OperationOf<"Approve">): Expected => {
  const { grant, client, subject, basis, redirectUri, key, isDevice } = operation
  if (unanswerable(model, operation)) return refuse(model, "invalid_request")
  if (grant < model.grants.length) return refuse(model, "invalid_request")
  const thing = model.clients[client]
  if (thing === undefined || thing.standing === "deleted") return refuse(model, "invalid_client")
  if (thing.standing === "disabled") return refuse(model, "unauthorized_client")
  if (redirectUri === "unregistered") return refuse(model, "invalid_request")
  const grantType = isDevice === true ? DEVICE_CODE_GRANT : "authorization_code"
  if (basis === "Auto" && redirectUri === "app") return refuse(model, "access_denied")
  if (!thing.profile.grantTypes.includes(grantType)) return refuse(model, "unauthorized_client")
  if (!isOfferedTo(model, thing, grantType)) return refuse(model, "unauthorized_client")
  if (operation.isLate) return refuse(model, "invalid_request")
  if (thing.profile.document !== undefined && thing.profile.document !== operation.document) {
    return refuse(model, "invalid_request")
  }
  if (basis === "Auto" && isDevice === true) return refuse(model, "access_denied")
  if (isBarred(model, subject)) return refuse(model, "access_denied")
  if (!model.isInitialized) return refuse(model, "temporarily_unavailable")
  const given = offered(model, client, operation)
  if (typeof given === "string") return refuse(model, given)

  const lifetimes = lifetimesOf(model, client)
  const expiresAt = model.at + lifetimes.grant
  const opened: GrantThing = {
    client,
    subject,
    ...given,
    key: isDevice === true ? null : key,
    hasRefresh: hasRefresh(model, client),
    code: "unspent",
    ...(isDevice === true ? { isDevice } : {}),
    codeExpiresAt: Math.min(
      model.at + (isDevice === true ? Math.max(model.policy.device ?? DEVICE_MILLIS, lifetimes.code) : lifetimes.code),
      expiresAt,
    ),
    expiresAt,
    end: null,
    ...fromNothing,
  }
  return { reply: { _tag: "Code", grant }, model: { ...answered(model, operation), grants: [...model.grants, opened] } }
}

/** OAuth 2.1 4.1.3: spent once; a second redemption that is right in everything else ends the grant. */
export const redeem = (model: Model, operation: OperationOf<"Redeem">): Expected => {
  const { by, code, key } = operation
  const error = tokenObjection(model, operation, "authorization_code")
  if (error !== undefined) return refuse(model, error)
  const grant = code === "made up" ? undefined : model.grants[code]
  if (code === "made up" || grant === undefined || grant.code === "none") return refuse(model, "invalid_grant")
  if (grant.isDevice === true) return refuse(model, "invalid_grant")
  if (grant.client !== by || !isGrantAlive(model, code)) return refuse(model, "invalid_grant")
  if (grant.code === "unspent" && model.at >= grant.codeExpiresAt) return refuse(model, "invalid_grant")
  if (operation.verifier !== "right" || operation.redirectUri === "wrong") return refuse(model, "invalid_grant")
  if (grant.key !== null && grant.key !== key) return refuse(model, "invalid_grant")
  return spend(model, operation, code, grant)
}

/** A code that is right in everything: spent, or spent before. */
export const spend = (
  model: Model,
  { by, key, resources, details }: OperationOf<"Redeem">,
  code: Ref,
  grant: GrantThing,
): Expected => {
  if (grant.code === "spent") return refuse(endGrant(model, code, "replay"), "invalid_grant")
  const given = narrowed(grant, { scopes: null, resources, ...(details === undefined ? {} : { details }) })
  if (typeof given === "string") return refuse(model, given)

  const spent = { ...model, grants: model.grants.with(code, { ...grant, code: "spent" as const }) }
  const isPublic = model.clients[by]!.profile.isPublic
  const next = grant.hasRefresh ? newRefresh(spent, code, isPublic ? key : null) : spent
  return handOut(next, code, null, given, key, grant.hasRefresh ? model.refreshTokens.length : null)
}

const newRefresh = (model: Model, grant: Ref, key: RefreshThing["key"]): Model => {
  const { client, expiresAt: end } = model.grants[grant]!
  const expiresAt = Math.min(model.at + lifetimesOf(model, client).refreshIdle, end)
  const born: RefreshThing = { grant, key, expiresAt, spentAt: null, successor: null, retryCount: 0 }
  return { ...model, refreshTokens: [...model.refreshTokens, born] }
}

/** A new access token, clamped to the grant's end; the oldest of too many ends. */
export const handOut = (
  model: Model,
  grant: Ref,
  from: Ref | null,
  given: Given,
  key: AccessThing["key"],
  refreshToken: Ref | null,
): Expected => {
  const { client, expiresAt: end } = model.grants[grant]!
  const expiresAt = Math.min(model.at + lifetimesOf(model, client).accessToken, end)
  const born: AccessThing = { grant, from, ...given, key, expiresAt, isRevoked: false }
  const alive = [...model.accessTokens.keys()].filter(
    (ref) => model.accessTokens[ref]!.grant === grant && isAccessAlive(model, ref),
  )
  const others =
    alive.length < MAX_LIVE_ACCESS_TOKENS
      ? model.accessTokens
      : model.accessTokens.with(alive[0]!, { ...model.accessTokens[alive[0]!]!, isRevoked: true })
  const reply: Reply = {
    _tag: "Tokens",
    access: model.accessTokens.length,
    refresh: refreshToken,
    scopes: given.scopes,
    expiresAt,
  }
  return { reply, model: { ...model, accessTokens: [...others, born] } }
}

/** OAuth 2.1 4.3.1: rotated; what a fresh token would be refused for is refused first, without effect. */
export const refresh = (model: Model, operation: OperationOf<"Refresh">): Expected => {
  const { by, token, key } = operation
  const error = tokenObjection(model, operation, "refresh_token")
  if (error !== undefined) return refuse(model, error)
  const thing = token === "made up" ? undefined : model.refreshTokens[token]
  if (token === "made up" || thing === undefined) return refuse(model, "invalid_grant")
  const grant = model.grants[thing.grant]!
  if (grant.client !== by || !isGrantAlive(model, thing.grant)) return refuse(model, "invalid_grant")
  if (thing.key !== null && thing.key !== key) return refuse(model, "invalid_grant")
  const given = narrowed(grant, operation)
  if (typeof given === "string") return refuse(model, given)
  if (thing.spentAt !== null) return again(model, token, given, operation)
  if (model.at >= thing.expiresAt) return refuse(model, "invalid_grant")

  const successor = model.refreshTokens.length
  const born = newRefresh(model, thing.grant, thing.key ?? (model.clients[by]!.profile.isPublic ? key : null))
  const spent = { ...thing, spentAt: model.at, successor }
  const next = { ...born, refreshTokens: born.refreshTokens.with(token, spent) }
  return handOut(next, thing.grant, token, given, key, successor)
}

/** A spent token once more: a reply that was lost, or theft. */
const again = (model: Model, token: Ref, given: Given, { by, key }: OperationOf<"Refresh">): Expected => {
  const thing = model.refreshTokens[token]!
  const reuse = () => refuse(endGrant(model, thing.grant, "reuse"), "invalid_grant")
  const isInWindow = model.at < thing.spentAt! + lifetimesOf(model, by).retryWindow
  if (!isInWindow || model.refreshTokens[thing.successor!]!.spentAt !== null) return reuse()

  const answers = [...model.accessTokens.keys()].filter((ref) => model.accessTokens[ref]!.from === token)
  // Somebody else's server may have given nothing of its own for it.
  const firstKey = model.accessTokens[answers[0] ?? -1]?.key ?? null
  if (firstKey !== key) {
    return model.clients[by]!.profile.isPublic && firstKey !== null ? reuse() : refuse(model, "invalid_grant")
  }
  // A refusal for now, never a kill: it is the server's key that is missing, not the caller's proof.
  if (model.policy.isRetryKeyMissing === true) return refuse(model, "temporarily_unavailable")
  const counted = { ...thing, retryCount: Math.min(MAX_RETRIES, thing.retryCount + 1) }
  const next = { ...model, refreshTokens: model.refreshTokens.with(token, counted) }
  const isSameAnswer = (ref: Ref) => {
    const answer = model.accessTokens[ref]!
    const isSameAccess = isSame(answer.scopes, given.scopes) && isSame(answer.resources, given.resources)
    return isSameAccess && isSame(answer.details, given.details)
  }
  const access = answers.find(isSameAnswer)
  if (access !== undefined) {
    const { scopes, expiresAt } = model.accessTokens[access]!
    return { reply: { _tag: "Tokens", access, refresh: thing.successor, scopes, expiresAt }, model: next }
  }
  if (thing.retryCount >= MAX_RETRIES) return refuse(model, "invalid_scope")
  return handOut(next, thing.grant, token, given, key, thing.successor)
}

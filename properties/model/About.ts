/**
 * Which grant an operation is about, and whether it comes with the proof of that grant's owner.
 *
 * The owner is the client that a grant was opened for, its subject, and whoever has a say over either of them.
 */
import type { Authentication, Operation, Presented, Ref, Step } from "../Operation.ts"
import { isProof, type Model } from "./Things.ts"

const grantIn = (things: ReadonlyArray<{ readonly grant: Ref }>, token: Presented): Ref | undefined =>
  token === "made up" ? undefined : things[token]?.grant

/** The grant of what is presented, or that is named; `undefined` where there is none yet. */
export const grantOf = (model: Model, operation: Operation): Ref | undefined => {
  switch (operation._tag) {
    case "Redeem":
      return operation.code === "made up" ? undefined : operation.code
    case "Refresh":
      return grantIn(model.refreshTokens, operation.token)
    case "Verify":
    case "Exchange":
      return grantIn(model.accessTokens, operation.token)
    case "Revoke":
      return grantIn(operation.kind === "access" ? model.accessTokens : model.refreshTokens, operation.token)
    case "RevokeGrant":
      return operation.grant
    default:
      return undefined
  }
}

/** A public client has nothing to prove itself with: what it shows besides does not matter here. */
export const isAuthenticated = (model: Model, by: Ref, shown: Authentication): boolean =>
  model.clients[by] !== undefined && (model.clients[by].profile.isPublic || isProof(model, model.clients[by], shown))

/** Whether a code or refresh token is presented in the context it was issued in: client, proof, redirect URI, key. */
export const isInContext = (model: Model, operation: Operation): boolean => {
  if (operation._tag !== "Redeem" && operation._tag !== "Refresh" && operation._tag !== "Revoke") return false
  const grant = model.grants[grantOf(model, operation) ?? -1]
  const { by, authentication } = operation
  if (grant === undefined || grant.client !== by || !isAuthenticated(model, by, authentication)) return false
  if (operation._tag === "Revoke") return true
  if (model.clients[by]?.profile.isBound === true && operation.key === null) return false
  if (operation._tag === "Redeem" && operation.isDevice !== grant.isDevice) return false
  const key = operation._tag === "Redeem" ? grant.key : model.refreshTokens[operation.token as Ref]!.key
  if (key !== null && key !== operation.key) return false
  if (operation._tag === "Redeem" && operation.isDevice === true) return true
  return operation._tag === "Refresh" || (operation.verifier === "right" && operation.redirectUri !== "wrong")
}

/** Whether whoever asks has a say over this grant or anything that it came of, and shows it. */
export const isByOwner = (model: Model, operation: Operation, ref: Ref): boolean =>
  isByItsOwner(model, operation, ref) ||
  (model.grants[ref]?.from ?? []).some((token) => isByOwner(model, operation, model.accessTokens[token]!.grant))

const isByItsOwner = (model: Model, operation: Operation, ref: Ref): boolean => {
  const grant = model.grants[ref]
  if (grant === undefined) return false
  switch (operation._tag) {
    case "Redeem":
    case "Refresh":
    case "Revoke":
      return grantOf(model, operation) === ref && isInContext(model, operation)
    case "RevokeGrant":
      return operation.grant === ref && (operation.subject === "operator" || operation.subject === grant.subject)
    case "Update":
    case "RotateSecret":
    case "DisableClient":
    case "EnableClient":
    case "DeleteClient":
      return operation.client === grant.client
    // A new login may take the place of an old one.
    case "Approve":
      return operation.client === grant.client && operation.subject === grant.subject
    case "Exchange":
      return false
    case "ClientCredentials":
      return grant.subject === (operation.subject ?? null) && grant.client === operation.by
    case "EndSessions":
    case "DisableSubject":
    case "EnableSubject":
    case "ForgetSubject":
      return operation.subject === grant.subject
    case "RaiseIssuerEpoch":
      return true
    default:
      return false
  }
}

/**
 * Whether a call may have ended another grant than its own, of the same client and subject: somebody else's server may take
 * a revocation, a replay or a reuse to be about all that the subject allowed that client, and who signs in again may take the
 * place of whoever did before. Beyond either it may not.
 */
export const mayEndSibling = (model: Model, { operation, reply }: Step, ref: Ref): boolean => {
  const { _tag } = operation
  if (model.policy.isGuessed !== true) return false
  const isEnd = _tag === "Revoke" || _tag === "Redeem" || (_tag === "Refresh" && reply._tag !== "Tokens")
  const own = isEnd ? model.grants[grantOf(model, operation) ?? -1] : undefined
  const other = model.grants[ref]
  if (own === undefined || other === undefined || !isInContext(model, operation)) return false
  return own.client === other.client && own.subject === other.subject
}

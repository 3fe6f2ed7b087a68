/** The model's revocation by a client (RFC 7009). */
import { objection } from "./Clients.ts"
import { done, endGrant, isAccessAlive, refuse, type Expected, type Model } from "./Things.ts"
import type { OperationOf } from "../Operation.ts"

/** RFC 7009: a refresh token ends the grant, an access token itself; what is not the caller's is left alone. */
export const revoke = (model: Model, operation: OperationOf<"Revoke">): Expected => {
  const { by, kind, token, cascade } = operation
  const error = objection(model, operation)
  if (error !== undefined) return refuse(model, error)
  const thing = token === "made up" ? undefined : (kind === "access" ? model.accessTokens : model.refreshTokens)[token]
  if (token === "made up" || thing === undefined || model.grants[thing.grant]!.client !== by) return done(model)
  if (kind === "refresh") return done(endGrant(model, thing.grant, "client"))
  if (!isAccessAlive(model, token)) return done(model)
  if (cascade) return done(endGrant(model, thing.grant, "client"))
  const revoked = { ...model.accessTokens[token]!, isRevoked: true }
  return done({ ...model, accessTokens: model.accessTokens.with(token, revoked) })
}

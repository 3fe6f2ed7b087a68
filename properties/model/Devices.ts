/**
 * The model's devices: a code is asked with until somebody has answered, and then spent like any other.
 *
 * RFC 8628 3.4 and 3.5. What is approved or denied is a grant like others (`Grants.ts`).
 */
import { DEVICE_CODE_GRANT } from "../../src/protocol/index.ts"
import { tokenObjection } from "./Clients.ts"
import { spend } from "./Grants.ts"
import { isGrantAlive, refuse } from "./Things.ts"
import type { Expected, Model } from "./Things.ts"
import type { OperationOf } from "../Operation.ts"

export const redeemDevice = (model: Model, operation: OperationOf<"Redeem">): Expected => {
  const { by, code, waits } = operation
  const error = tokenObjection(model, operation, DEVICE_CODE_GRANT)
  if (error !== undefined) return refuse(model, error)
  if (waits !== undefined) {
    if (waits.client !== by) return refuse(model, "invalid_grant")
    if (waits.isLate) return refuse(model, "expired_token")
    return refuse(model, waits.isHasty === true ? "slow_down" : "authorization_pending")
  }
  const grant = code === "made up" ? undefined : model.grants[code]
  if (code === "made up" || grant === undefined || grant.isDevice !== true) return refuse(model, "invalid_grant")
  if (grant.client !== by) return refuse(model, "invalid_grant")
  if (grant.end === "denied") return refuse(model, "access_denied")
  if (!isGrantAlive(model, code)) return refuse(model, "invalid_grant")
  if (grant.code === "unspent" && model.at >= grant.codeExpiresAt) return refuse(model, "expired_token")
  return spend(model, operation, code, grant)
}

/**
 * From operations on devices to commands: approving what one asked for, and asking with its code.
 *
 * Nothing is decided here.
 */
import type { CommandOf, EpochMillis, Resources } from "../../src/core/index.ts"
import type { OperationOf } from "../Operation.ts"
import { approvalOf, callerOf, grantIdFor, REQUEST_MILLIS, versioned } from "./Facts.ts"
import type { Machine } from "./State.ts"
import { clientIdOf, digestOf, jktOf } from "./Names.ts"

export const approveDevice = (
  machine: Machine,
  operation: OperationOf<"Approve">,
  at: EpochMillis,
): CommandOf<"ApproveDevice"> => ({ _tag: "ApproveDevice", ...approvalOf(machine, operation, at) })

/** What is known of the code without its kind: telling that is the rule's affair. */
export const redeemDevice = (
  machine: Machine,
  operation: OperationOf<"Redeem">,
  at: EpochMillis,
): CommandOf<"RedeemDeviceCode"> => {
  const { code, waits, resources, key } = operation
  const grant = code === "made up" ? undefined : machine.grants[code]
  const isOfGrant = grant?._tag === "Open" ? grant.code !== null : grant?._tag === "Denied" && "deviceCode" in grant
  return {
    _tag: "RedeemDeviceCode",
    ...callerOf(machine, operation),
    ...versioned,
    grantId: grantIdFor(code === "made up" ? undefined : code),
    isCodeKnown: waits !== undefined || isOfGrant,
    waiting:
      waits === undefined
        ? null
        : { clientId: clientIdOf(waits.client), expiresAt: (waits.isLate ? at : at + REQUEST_MILLIS) as EpochMillis },
    resources: resources as Resources | null,
    jkt: jktOf(key),
    accessToken: digestOf(`access ${machine.accessTokens.length}`),
    refreshToken: digestOf(`refresh ${machine.refreshTokens.length}`),
    at,
  }
}

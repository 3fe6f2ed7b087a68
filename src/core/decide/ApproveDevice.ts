/**
 * Answering what a device asked for (RFC 8628): somebody who sits at another one says yes or no.
 *
 * Like an authorization request it is decided against the client as it is now, and answered once. No browser leads back
 * to the client, so there is no redirect URI and no challenge: the device code alone is what the grant is redeemed with,
 * and it is bound to its client. Nobody is ever taken to have approved without having been asked.
 */
import { DEVICE_CODE_GRANT } from "../../protocol/DeviceGrant.ts"
import { isOfferedTo, mayUse, type Authentication, type RegisteredClient } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import { refused, type Refused } from "../Refusal.ts"
import type { State } from "../State.ts"
import { endOf, isLive, type EpochMillis } from "../Time.ts"
import { offered, type Access } from "./Access.ts"
import { requireClient, requireEnabledClient } from "./ClientStanding.ts"
import { approved } from "./OpenGrant.ts"

/** What a device asks for and nobody has answered yet. */
export type DeviceRequestToJudge = Pick<
  CommandOf<"ApproveDevice">,
  "scopes" | "resources" | "offer" | "requestedAt" | "lifetimes" | "at"
>

const requireClientFor = (
  state: State,
  { offer, requestedAt, lifetimes, at }: DeviceRequestToJudge,
): RegisteredClient | Refused => {
  const client = requireEnabledClient(state)
  if (client._tag === "Refused") return client
  if (!mayUse(client, DEVICE_CODE_GRANT)) return refused("client-may-not")
  if (!isOfferedTo(client, DEVICE_CODE_GRANT, offer)) return refused("client-registered-itself")
  //= RFC10027-mitigations-short-lived
  return isLive(at, endOf(requestedAt, lifetimes.request)) ? client : refused("request-expired")
}

/** What a device would get if somebody said yes, or why nobody can. */
export const judgeDeviceRequest = (state: State, asked: DeviceRequestToJudge): Access | Refused => {
  const client = requireClientFor(state, asked)
  return client._tag === "Refused" ? client : offered(client, asked, asked.offer)
}

/** What a device that asks would get, if its client proves itself as it has to. */
//= RFC8628-3.1-client-authenticates
export const admitDevice = (
  state: State,
  asked: DeviceRequestToJudge & { readonly authentication: Authentication },
): Access | Refused => {
  const client = requireClient(state, asked, DEVICE_CODE_GRANT)
  return client._tag === "Refused" ? client : judgeDeviceRequest(state, asked)
}

/** Approving: the grant is opened, and the device code can be redeemed for as long as the device was told it could be. */
export const approveDevice = (state: State, command: CommandOf<"ApproveDevice">): Decision => {
  const { basis, requestedAt, lifetimes, at } = command
  // INVARIANT: approved or denied, never both, never twice (RequestIsAnsweredOnce).
  if (state.grant._tag !== "Absent") return deny("request-answered")
  const client = requireClientFor(state, command)
  if (client._tag === "Refused") return { events: [], reply: client }
  //= RFC10027-mitigations-nothing-unasked
  if (basis._tag === "Auto") return deny("auto-approval-off-loopback")
  // Who approves in the last moment is not too late: the device asks once more before long.
  const codeExpiresAt = Math.max(endOf(requestedAt, lifetimes.request), endOf(at, lifetimes.code)) as EpochMillis
  return approved(state, client, command, { request: null, device: { requestedAt } }, codeExpiresAt)
}

/** Denying: the device is told so when it asks next. */
export const denyDevice = (state: State, command: CommandOf<"DenyDevice">): Decision => {
  const { grantId, clientId, subjectId, code, at } = command
  // INVARIANT: approved or denied, never both, never twice (RequestIsAnsweredOnce).
  if (state.grant._tag !== "Absent") return deny("request-answered")
  if (state.client._tag !== "Registered") return deny("client-unknown")
  return accept([{ _tag: "GrantDenied", grantId, clientId, subjectId, deviceCode: code, deniedAt: at }])
}

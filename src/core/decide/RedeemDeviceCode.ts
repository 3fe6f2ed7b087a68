/**
 * Redeeming a device code: a device asks whether somebody has answered, and gets its tokens once (RFC 8628 3.4, 3.5).
 *
 * Asking while nobody has answered changes nothing. A code that was redeemed is never redeemed again: whoever asks with
 * it then holds a code that is in two hands, or lost the reply, with which its tokens were lost as well. Either way
 * nothing of that grant is wanted any more, and it dies.
 */
import { DEVICE_CODE_GRANT } from "../../protocol/DeviceGrant.ts"
import { isPublic } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { deny, denyWith, type Decision } from "../Decision.ts"
import type { ClientId } from "../Ids.ts"
import { isGrantAlive } from "../Liveness.ts"
import type { State } from "../State.ts"
import { isLive } from "../Time.ts"
import { narrowed } from "./Access.ts"
import { requireTokenClient } from "./ClientStanding.ts"
import { firstTokens } from "./RedeemCode.ts"

export const redeemDeviceCode = (state: State, command: CommandOf<"RedeemDeviceCode">): Decision => {
  const client = requireTokenClient(state, command, DEVICE_CODE_GRANT)
  if (client._tag === "Refused") return { events: [], reply: client }

  const { grant } = state
  const { grantId, at } = command
  if (!command.isCodeKnown) return deny("device-code-unknown")
  if (grant._tag === "Absent") return unanswered(client.clientId, command)
  //= RFC8628-3.4-device-code-client
  if (grant.clientId !== client.clientId) return deny("device-code-of-another-client")
  if (grant._tag === "Denied") return deny("device-request-denied")
  if (grant._tag === "Revoked" || !isGrantAlive(state, at)) return deny("grant-ended")

  const { code, request } = grant
  // An authorization code stays bound to its redirect URI and challenge, which nobody shows here.
  if (code === null || request !== null) return deny("device-code-unknown")
  //= RFC8628-3.5-expired-token
  if (code.redeemedAt === null && !isLive(at, code.expiresAt)) return deny("device-code-expired")

  //= RFC8628-3.4-single-use
  if (code.redeemedAt !== null) {
    // INVARIANT: a valid replay leaves nothing of the grant alive (ReplayKillsGrant).
    return denyWith(
      [
        { _tag: "AuthorizationCodeReplayed", grantId, replayedAt: at },
        { _tag: "GrantRevoked", grantId, reason: "code_replayed", revokedAt: at },
      ],
      "device-code-replayed",
    )
  }
  const access = narrowed(grant, { scopes: null, resources: command.resources })
  if ("_tag" in access) return { events: [], reply: access }
  return firstTokens(grant, code.digest, isPublic(client), command, access)
}

/** What a device is told while nobody has answered. */
const unanswered = (clientId: ClientId, { waiting, at }: CommandOf<"RedeemDeviceCode">): Decision => {
  if (waiting === null) return deny("device-code-unknown")
  //= RFC8628-3.4-device-code-client
  if (waiting.clientId !== clientId) return deny("device-code-of-another-client")
  //= RFC8628-3.5-expired-token
  return deny(isLive(at, waiting.expiresAt) ? "authorization-pending" : "device-code-expired")
}

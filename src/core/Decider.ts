/**
 * The machine: `decide`, `evolve`, `initial`.
 *
 * Total and deterministic: every decodable command on every state has an answer, and the same one each time. It reads
 * no clock, draws no random number, knows no secret and does no I/O.
 */
import type { Command } from "./Command.ts"
import type { Decision } from "./Decision.ts"
import { rotateClientSecret, updateClient } from "./decide/ClientChanges.ts"
import { deleteClient, disableClient, enableClient } from "./decide/ClientStanding.ts"
import { initializeIssuer, raiseIssuerEpoch } from "./decide/Issuer.ts"
import { disableSubject, enableSubject, forgetSubject, revokeSubjectSessions } from "./decide/SubjectStanding.ts"
import { approveDevice, denyDevice } from "./decide/ApproveDevice.ts"
import { denyGrant } from "./decide/DenyGrant.ts"
import { exchangeToken } from "./decide/ExchangeToken.ts"
import { issueToken } from "./decide/IssueToken.ts"
import { openGrant } from "./decide/OpenGrant.ts"
import { redeemCode } from "./decide/RedeemCode.ts"
import { redeemDeviceCode } from "./decide/RedeemDeviceCode.ts"
import { refresh } from "./decide/Refresh.ts"
import { registerClient } from "./decide/RegisterClient.ts"
import { revokeGrant } from "./decide/RevokeGrant.ts"
import { revokeToken } from "./decide/RevokeToken.ts"
import type { State } from "./State.ts"

export { evolve, initial } from "./State.ts"

/**
 * Answers a command on a state: the events that happened and the reply. Total, pure and deterministic; a refusal is a
 * reply.
 *
 * @example
 * import { decide, initial, type EpochMillis, type KeyId } from "grantlog/core"
 *
 * const at = 1_800_000_000_000 as EpochMillis
 * const command = { _tag: "InitializeIssuer", issuer: "https://id.example.com", keyId: "k_1" as KeyId, at } as const
 * const { events, reply } = decide(initial, command)
 */
export const decide = (state: State, command: Command): Decision => {
  switch (command._tag) {
    case "InitializeIssuer":
      return initializeIssuer(state, command)
    case "RaiseIssuerEpoch":
      return raiseIssuerEpoch(state, command)
    case "RegisterClient":
      return registerClient(state, command)
    case "UpdateClient":
      return updateClient(state, command)
    case "RotateClientSecret":
      return rotateClientSecret(state, command)
    case "DisableClient":
      return disableClient(state, command)
    case "EnableClient":
      return enableClient(state, command)
    case "DeleteClient":
      return deleteClient(state, command)
    case "OpenGrant":
      return openGrant(state, command)
    case "DenyGrant":
      return denyGrant(state, command)
    case "ApproveDevice":
      return approveDevice(state, command)
    case "DenyDevice":
      return denyDevice(state, command)
    case "RedeemDeviceCode":
      return redeemDeviceCode(state, command)
    case "RedeemCode":
      return redeemCode(state, command)
    case "Refresh":
      return refresh(state, command)
    case "RevokeToken":
      return revokeToken(state, command)
    case "RevokeGrant":
      return revokeGrant(state, command)
    case "IssueToken":
      return issueToken(state, command)
    case "ExchangeToken":
      return exchangeToken(state, command)
    case "RevokeSubjectSessions":
      return revokeSubjectSessions(state, command)
    case "DisableSubject":
      return disableSubject(state, command)
    case "EnableSubject":
      return enableSubject(state, command)
    case "ForgetSubject":
      return forgetSubject(state, command)
    default:
      return command satisfies never
  }
}

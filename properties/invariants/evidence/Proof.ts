/**
 * Whether a command that the machine was given comes with the proof of whoever owns what it is about.
 *
 * The same question as in `model/About.ts`, asked of the facts that the machine decides by.
 */
import { ancestorIn, isAuthenticated, isOfferedTo, type CommandOf, type State } from "../../../src/core/index.ts"
import type { Move } from "../../Machine.ts"

type Decided = NonNullable<Move["decided"]>

const isOwnClient = ({ client, grant }: State, command: Extract<Decided["command"], { authentication: unknown }>) =>
  client._tag === "Registered" &&
  isAuthenticated(client, command.authentication, command.at) &&
  (grant._tag === "Absent" || grant.clientId === command.clientId)

/** The key that the presented refresh token belongs to; `null` for none, `undefined` when there is no such token. */
const boundKey = ({ grant }: State, { presented }: CommandOf<"Refresh">) => {
  if (grant._tag !== "Open" || grant.refresh === null) return undefined
  switch (presented._tag) {
    case "Current":
      return grant.refresh.current.jkt
    case "Previous":
      return grant.refresh.previous?.jkt
    case "Older":
      return presented.jkt
    case "Unknown":
      return undefined
  }
}

/** Whether a client that registered for bound tokens alone proves a key, whatever else it proves. */
const isKeyProven = ({ client }: State, { jkt }: Pick<CommandOf<"Refresh">, "jkt">): boolean =>
  client._tag === "Registered" && (client.metadata.dpop_bound_access_tokens !== true || jkt !== null)

/** True of what an operator does, and of what opens a grant by an approval: there the proof lies with whoever calls. */
export const isProven = ({ command, state }: Decided): boolean => {
  const { grant } = state
  switch (command._tag) {
    case "RedeemCode": {
      if (grant._tag !== "Open" || grant.request === null || !command.isCodeKnown) return false
      const { redirectUri, codeChallenge, jkt } = grant.request
      return (
        isOwnClient(state, command) &&
        isKeyProven(state, command) &&
        (command.verifier === null ? null : command.verifier.challenge) === codeChallenge &&
        (command.redirectUri === null || command.redirectUri === redirectUri) &&
        (jkt === null || command.jkt === jkt)
      )
    }
    case "RedeemDeviceCode":
      return (
        grant._tag === "Open" &&
        grant.request === null &&
        grant.code !== null &&
        command.isCodeKnown &&
        isOwnClient(state, command) &&
        isKeyProven(state, command)
      )
    case "Refresh": {
      const jkt = boundKey(state, command)
      const isOwn = isOwnClient(state, command) && isKeyProven(state, command)
      return jkt !== undefined && isOwn && (jkt === null || command.jkt === jkt)
    }
    case "RevokeToken":
      return command.presented._tag !== "Unknown" && isOwnClient(state, command)
    case "IssueToken":
      // A secret that somebody was given for the asking proves nothing.
      return (
        state.client._tag === "Registered" &&
        isOwnClient(state, command) &&
        isKeyProven(state, command) &&
        isOfferedTo(state.client, command.grantType, command.offer)
      )
    case "ExchangeToken":
      return isOwnClient(state, command) && (ancestorIn(state, command.subject)?.token ?? null) !== null
    case "RevokeGrant":
      return command.subjectId === null || (grant._tag === "Open" && grant.subjectId === command.subjectId)
    case "RegisterClient":
      return command.isQuotaLeft
    default:
      return true
  }
}

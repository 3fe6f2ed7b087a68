/**
 * A token that nobody is asked for: a client gets one for itself (client credentials), or a named policy gives one for a
 * subject. It is a grant of its own, without code or refresh token.
 *
 * Nobody approves such a token, so somebody has to have vouched for the client. A client that registered itself gets
 * none by default, whatever its metadata says by now.
 */
import { isOfferedTo, isPublic, isRegisteredForDetail } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { deny, type Decision } from "../Decision.ts"
import { currentEpochs } from "../Liveness.ts"
import type { State } from "../State.ts"
import { endOf } from "../Time.ts"
import { offered } from "./Access.ts"
import { requireTokenClient } from "./ClientStanding.ts"
import { openedWithToken } from "./DirectGrant.ts"

export const issueToken = (state: State, command: CommandOf<"IssueToken">): Decision => {
  const { grantId, clientId, grantType, basis, jkt, at, actors = [] } = command
  const subjectId = basis._tag === "Policy" ? basis.subjectId : null
  if (state.grant._tag !== "Absent") return deny("request-answered")

  //= OAUTH21-4.2-cc-confidential-only
  const client = requireTokenClient(state, command, grantType)
  if (client._tag === "Refused") return { events: [], reply: client }
  // INVARIANT: without an approval there is somebody who added the client (ConsentComesFirst).
  if (!isOfferedTo(client, grantType, command.offer)) return deny("client-registered-itself")
  if (subjectId === null && isPublic(client)) return deny("client-unauthenticated")
  if (subjectId !== null && state.subject.status === "disabled") return deny("subject-disabled")
  if (subjectId !== null && state.subject.status === "forgotten") return deny("subject-forgotten")
  const epochs = currentEpochs(state, subjectId !== null)
  if (epochs === undefined) return deny("issuer-not-initialized")
  // What nobody is asked for needs somebody who has vouched for it.
  const isDetailOffered = (command.authorizationDetails ?? []).every(
    (one) => client.origin === "operator" && isRegisteredForDetail(client, one) === true,
  )
  if (!isDetailOffered) return deny("details-not-offered")
  const access = offered(client, command, command.offer)
  if ("_tag" in access) return { events: [], reply: access }

  const expiresAt = endOf(at, command.lifetimes.accessToken)
  const acting = actors.length === 0 ? {} : { descent: { ancestors: [], actors, mayAct: null } }
  return openedWithToken(
    {
      grantId,
      clientId,
      subjectId,
      basis,
      epochs,
      ...acting,
      digest: command.accessToken,
      parent: null,
      jkt,
      issuedAt: at,
      expiresAt,
    },
    access,
  )
}

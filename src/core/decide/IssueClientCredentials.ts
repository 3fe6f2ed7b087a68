/**
 * Client credentials: a confidential client gets a token for itself. The token has a grant of its own, without subject,
 * code or refresh token.
 *
 * Nobody approves such a token, so somebody has to have vouched for the client. A client that registered itself gets
 * none by default, whatever its metadata says by now.
 */
import { isOfferedTo } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import type { AccessToken } from "../Event.ts"
import type { Generation } from "../Ids.ts"
import { currentEpochs } from "../Liveness.ts"
import type { State } from "../State.ts"
import { endOf } from "../Time.ts"
import { issueAccessToken, offered } from "./Access.ts"
import { requireClient } from "./ClientStanding.ts"

export const issueClientCredentials = (state: State, command: CommandOf<"IssueClientCredentials">): Decision => {
  const { grantId, clientId, jkt, at } = command
  if (state.grant._tag !== "Absent") return deny("request-answered")

  //= OAUTH21-4.2-cc-confidential-only
  const client = requireClient(state, command, "client_credentials")
  if (client._tag === "Refused") return { events: [], reply: client }
  // INVARIANT: without an approval there is somebody who added the client (ConsentComesFirst).
  if (!isOfferedTo(client, "client_credentials", command.offer)) return deny("client-registered-itself")
  const epochs = currentEpochs(state, false)
  if (epochs === undefined) return deny("issuer-not-initialized")
  const access = offered(client, command, command.offer)
  if ("_tag" in access) return { events: [], reply: access }

  const expiresAt = endOf(at, command.lifetimes.accessToken)
  const generation = 0 as Generation
  const token: AccessToken = {
    digest: command.accessToken,
    generation,
    parent: null,
    ...access,
    jkt,
    issuedAt: at,
    expiresAt,
  }
  return accept(
    [
      {
        _tag: "GrantOpened",
        grantId,
        clientId,
        subjectId: null,
        basis: { _tag: "ClientCredentials" },
        request: null,
        ...access,
        refreshable: false,
        metadataDigest: null,
        epochs,
        openedAt: at,
        expiresAt,
      },
      ...issueAccessToken(grantId, [], token),
    ],
    { _tag: "TokensIssued", accessToken: token, refreshToken: null, isRetry: false },
  )
}

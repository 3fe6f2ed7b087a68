/**
 * Opening a grant: somebody, or a named policy, approved an authorization request; a code is issued.
 *
 * Decided against the client as it is now, not as it was when the request came: still enabled, redirect URI still
 * registered, scope still offered. A request is answered once.
 */
import { isOfferedTo, isRegisteredRedirect, mayUse } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import { currentEpochs } from "../Liveness.ts"
import { isLoopback } from "../RedirectUri.ts"
import type { State } from "../State.ts"
import { endOf, expiry, isLive } from "../Time.ts"
import { offered } from "./Access.ts"
import { requireEnabledClient } from "./ClientStanding.ts"

export const openGrant = (state: State, command: CommandOf<"OpenGrant">): Decision => {
  const { grantId, clientId, basis, request, metadataDigest, lifetimes, at } = command
  // INVARIANT: approved or denied, never both, never twice (RequestIsAnsweredOnce).
  if (state.grant._tag !== "Absent") return deny("request-answered")

  const client = requireEnabledClient(state)
  if (client._tag === "Refused") return { events: [], reply: client }
  //= OAUTH21-2.3.5-no-redirect-on-bad-uri
  if (!isRegisteredRedirect(client, request.redirectUri)) return deny("redirect-uri-unregistered")
  if (basis._tag === "Auto" && !isLoopback(request.redirectUri)) return deny("auto-approval-off-loopback")
  if (!mayUse(client, "authorization_code")) return deny("client-may-not")
  if (!isOfferedTo(client, "authorization_code", command.offer)) return deny("client-registered-itself")
  if (!isLive(at, endOf(command.requestedAt, lifetimes.request))) return deny("request-expired")

  if (state.subject.status === "disabled") return deny("subject-disabled")
  if (state.subject.status === "forgotten") return deny("subject-forgotten")
  const epochs = currentEpochs(state, true)
  if (epochs === undefined) return deny("issuer-not-initialized")

  const access = offered(client, command, command.offer)
  if ("_tag" in access) return { events: [], reply: access }

  const expiresAt = endOf(at, lifetimes.grant)
  const codeExpiresAt = expiry(at, lifetimes.code, expiresAt)
  //= OAUTH21-4.1.2-challenge-bound-to-code
  return accept(
    [
      {
        _tag: "GrantOpened",
        grantId,
        clientId,
        subjectId: basis.subjectId,
        basis,
        request,
        ...access,
        refreshable: mayUse(client, "refresh_token") && isOfferedTo(client, "refresh_token", command.offer),
        metadataDigest,
        epochs,
        openedAt: at,
        expiresAt,
      },
      { _tag: "AuthorizationCodeIssued", grantId, digest: command.code, issuedAt: at, expiresAt: codeExpiresAt },
    ],
    { _tag: "CodeIssued", expiresAt: codeExpiresAt, ...access },
  )
}

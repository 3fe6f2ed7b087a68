/**
 * Opening a grant: somebody, or a named policy, approved an authorization request; a code is issued.
 *
 * Decided against the client as it is now, not as it was when the request came: still enabled, redirect URI still
 * registered, scope still offered. A request is answered once.
 */
import { isLoopbackUri } from "../../protocol/RedirectUri.ts"
import { OPENID } from "../../protocol/Scope.ts"
import { isFirstParty, isOfferedTo, isPublic, isRegisteredRedirect, mayUse, type RegisteredClient } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { accept, deny, type Decision } from "../Decision.ts"
import { currentEpochs } from "../Liveness.ts"
import { refused, type Refused } from "../Refusal.ts"
import type { Event } from "../Event.ts"
import type { State } from "../State.ts"
import { endOf, isLive, type EpochMillis } from "../Time.ts"
import { mayRefresh, offered, type Access } from "./Access.ts"
import { requireEnabledClient } from "./ClientStanding.ts"

type GrantOpened = Extract<Event, { readonly _tag: "GrantOpened" }>

/** An authorization request that nobody has approved yet. */
export type RequestToJudge = Pick<
  CommandOf<"OpenGrant">,
  "request" | "scopes" | "resources" | "authorizationDetails" | "offer" | "requestedAt" | "lifetimes" | "at"
>

/** The client of a request that can be approved, by a person or (`isAutomatic`) without asking anybody. */
const requireClientFor = (
  state: State,
  { request, offer, requestedAt, lifetimes, at }: RequestToJudge,
  isAutomatic: boolean,
): RegisteredClient | Refused => {
  const client = requireEnabledClient(state)
  if (client._tag === "Refused") return client
  //= OAUTH21-2.3.5-no-redirect-on-bad-uri
  if (!isRegisteredRedirect(client, request.redirectUri)) return refused("redirect-uri-unregistered")
  //= OAUTH21-4.1.2.1-reject-no-challenge
  if (request.codeChallenge === null && (isPublic(client) || !isFirstParty(client))) return refused("challenge-missing")
  if (isAutomatic && !isLoopbackUri(request.redirectUri)) return refused("auto-approval-off-loopback")
  if (!mayUse(client, "authorization_code")) return refused("client-may-not")
  if (!isOfferedTo(client, "authorization_code", offer)) return refused("client-registered-itself")
  return isLive(at, endOf(requestedAt, lifetimes.request)) ? client : refused("request-expired")
}

/** What a request would get if it were approved, or why it cannot be approved. */
export const judgeRequest = (state: State, asked: RequestToJudge): Access | Refused => {
  const client = requireClientFor(state, asked, false)
  return client._tag === "Refused" ? client : accessFor(client, asked, asked.request)
}

/** What such a request gets. Who asks who somebody is says a nonce, so that no answer is taken for another's. */
const accessFor = (
  client: RegisteredClient,
  asked: Pick<RequestToJudge, "scopes" | "resources" | "authorizationDetails" | "offer">,
  request: GrantOpened["request"],
): Access | Refused => {
  const access = offered(client, asked, asked.offer)
  if ("_tag" in access || request === null || request.nonce !== undefined) return access
  const isIdentityAsked = asked.offer.identity !== undefined && access.scopes.some((scope) => scope === OPENID)
  return isIdentityAsked && !isFirstParty(client) ? refused("nonce-missing") : access
}

export const openGrant = (state: State, command: CommandOf<"OpenGrant">): Decision => {
  const { basis, request, lifetimes, at } = command
  // INVARIANT: approved or denied, never both, never twice (RequestIsAnsweredOnce).
  if (state.grant._tag !== "Absent") return deny("request-answered")
  const client = requireClientFor(state, command, basis._tag === "Auto")
  if (client._tag === "Refused") return { events: [], reply: client }
  const codeExpiresAt = endOf(at, lifetimes.code)
  return approved(state, client, command, { request }, codeExpiresAt)
}

/** The grant of a request that its client may make, and the code that leads to it; a grant is bound as `asked` says. */
export const approved = (
  state: State,
  client: RegisteredClient,
  command: CommandOf<"OpenGrant" | "ApproveDevice">,
  asked: Pick<GrantOpened, "request" | "device">,
  codeExpiresAt: EpochMillis,
): Decision => {
  const { grantId, clientId, basis, metadataDigest, lifetimes, at } = command
  // INVARIANT: who is known from a document is granted what was approved of that very document (ConsentComesFirst).
  if (client.origin === "document" && client.metadataDigest !== metadataDigest) return deny("client-document-changed")
  if (state.subject.status === "disabled") return deny("subject-disabled")
  if (state.subject.status === "forgotten") return deny("subject-forgotten")
  const epochs = currentEpochs(state, true)
  if (epochs === undefined) return deny("issuer-not-initialized")

  const access = accessFor(client, command, asked.request)
  if ("_tag" in access) return { events: [], reply: access }

  const expiresAt = endOf(at, lifetimes.grant)
  const codeEnd = Math.min(codeExpiresAt, expiresAt) as EpochMillis
  //= OAUTH21-4.1.2-challenge-bound-to-code
  return accept(
    [
      {
        _tag: "GrantOpened",
        grantId,
        clientId,
        subjectId: basis.subjectId,
        basis,
        ...asked,
        ...access,
        refreshable: mayRefresh(client, command.offer),
        metadataDigest,
        epochs,
        openedAt: at,
        expiresAt,
      },
      { _tag: "AuthorizationCodeIssued", grantId, digest: command.code, issuedAt: at, expiresAt: codeEnd },
    ],
    { _tag: "CodeIssued", expiresAt: codeEnd, ...access },
  )
}

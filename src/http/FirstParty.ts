/**
 * What clients of the operator's own are let do that no other is: have somebody who is signed in answered for without a
 * question, and be told of an error before anybody is (decision 163).
 *
 * Who such a client is, the operator said when adding it; the grant names the policy that stood in for the answer. It
 * never stands in for a login, nor for what a login has to be.
 */
import * as Effect from "effect/Effect"
import type { Approval } from "../core/index.ts"
import type { AuthorizationServer, Unavailable } from "../provider/index.ts"
import type { PendingRequest } from "./AuthorizationRequests.ts"
import type { BrowserFlow } from "./BrowserFlow.ts"
import type { Fault } from "./ClientAnswer.ts"
import type { SignedIn } from "./login/Login.ts"
import type { approvalBy } from "./Presence.ts"

export const FIRST_PARTY = "first-party"

/** Whether the operator answers for a client as for the server itself. */
export const isFirstParty = (server: AuthorizationServer, clientId: string): Effect.Effect<boolean, Unavailable> =>
  Effect.map(server.client(clientId), (client) => client?.policy === FIRST_PARTY)

/** That the policy answered in the place of who is signed in. */
export const byPolicy = ({ _tag: _, ...approval }: ReturnType<typeof approvalBy>): typeof Approval.Encoded => ({
  _tag: "Policy",
  policy: FIRST_PARTY,
  ...approval,
})

/** Whether somebody is not whom the client means by the ID token that it showed (OpenID Connect Core 3.1.2.1). */
//= OIDC-3.1.2.1-id-token-hint
export const isAnother = (
  { server, context }: BrowserFlow,
  { clientId, subjectHint }: Pick<PendingRequest, "clientId" | "subjectHint">,
  { subjectId }: SignedIn,
): Effect.Effect<boolean> => {
  const { openIdProvider } = server.features
  if (subjectHint === undefined || openIdProvider === undefined) return Effect.succeed(false)
  return Effect.map(
    Effect.promise(() => openIdProvider.subjectFor(clientId, subjectId, context)),
    (sub) => sub !== subjectHint,
  )
}

export const loginRequired: Fault = {
  error: "login_required",
  description: "nobody is signed in who is meant, as the request demands it",
}

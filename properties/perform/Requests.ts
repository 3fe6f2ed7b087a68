/** Requests that somebody approved, as a server's own operations take them. */
import type { EpochMillis, GrantId, OpenGrant, Resources, Scopes, SubjectId } from "../../src/core/index.ts"
import { detailOf } from "../../src/protocol/index.ts"
import type { AuthorizationServer } from "../../src/provider/AuthorizationServer.ts"
import type { Holder } from "../Holder.ts"
import { detailsOf } from "../machine/Facts.ts"
import { APP_URI, jktOf, LOOPBACK_URI, UNREGISTERED_URI } from "../machine/Names.ts"
import type { Detail, OperationOf } from "../Operation.ts"
import { challengeOf } from "../Secrets.ts"

/** Longer ago than any request is answered. */
const LATE_MILLIS = 86_400_000

export const redirectUris = { loopback: LOOPBACK_URI, app: APP_URI, unregistered: UNREGISTERED_URI }

/** Authorization details as they are asked for. */
export const askedDetails = (details: ReadonlyArray<Detail> | undefined) => {
  const { authorizationDetails: texts } = detailsOf(details)
  return texts === undefined ? {} : { authorizationDetails: texts.map(detailOf) }
}

export const approvalOf = (
  server: AuthorizationServer,
  holder: Holder,
  { subject, basis }: OperationOf<"Approve">,
): Parameters<AuthorizationServer["openGrant"]>[0]["approval"] => {
  const approval = { subjectId: holder.textOf("subject", subject) as SubjectId, approvedAt: server.now() }
  return basis === "Policy" ? { _tag: basis, ...approval, policy: "tests" } : { _tag: basis, ...approval }
}

export const requestOf = (
  server: AuthorizationServer,
  holder: Holder,
  operation: OperationOf<"Approve">,
): Parameters<AuthorizationServer["openGrant"]>[0] => {
  const { grant, client, redirectUri, key, isLate, scopes, resources } = operation
  const approvedAt = server.now()
  const request = {
    redirectUri: redirectUris[redirectUri],
    redirectUriProvidedExplicitly: true,
    codeChallenge: challengeOf(holder.textOf("verifier", grant)),
    jkt: jktOf(key),
  }
  return {
    clientId: holder.textOf("client", client),
    approval: approvalOf(server, holder, operation),
    request: request as NonNullable<OpenGrant["request"]>,
    scopes: scopes as Scopes | null,
    resources: (resources ?? []) as Resources,
    ...askedDetails(operation.details),
    grantId: holder.textOf("grant", grant) as GrantId,
    requestedAt: (isLate ? approvedAt - LATE_MILLIS : approvedAt) as EpochMillis,
  }
}

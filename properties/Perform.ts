/**
 * An operation carried out by a server's own operations, with the strings that its numbers stand for.
 *
 * It draws nothing by chance, and lets no time pass: that is done to a clock.
 */
import { Cause, Effect, Exit } from "effect"
import type { ClientId, ClientMetadata, GrantId, SubjectId } from "../src/core/index.ts"
import type { AuthorizationServer } from "../src/provider/AuthorizationServer.ts"
import type { AccessToken, OAuthToken } from "../src/provider/Records.ts"
import type { Failure } from "../src/provider/TokenRequests.ts"
import type { Holder } from "./Holder.ts"
import { jktOf, UNREGISTERED_URI } from "./machine/Names.ts"
import { registrationOf } from "./machine/Registrations.ts"
import { INVITATION_MILLIS, OVERLAP_MILLIS } from "./Model.ts"
import type { Authentication, Operation, OperationOf, Ref, Reply } from "./Operation.ts"
import { shownBy } from "./perform/Credentials.ts"
import { approveDevice, askAsDevice, denyDevice } from "./perform/Devices.ts"
import { askedDetails, redirectUris, requestOf } from "./perform/Requests.ts"

const optional = <Name extends string, A>(name: Name, value: A | null | undefined): { readonly [N in Name]?: A } =>
  (value === null || value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: A }

export const perform = (server: AuthorizationServer, holder: Holder, operation: Operation): Effect.Effect<Reply> =>
  Effect.map(Effect.exit(attempt(server, holder, operation)), replyOf)

const replyOf = (exit: Exit.Exit<Reply, Failure>): Reply => {
  if (Exit.isSuccess(exit)) return exit.value
  const failure = Cause.findErrorOption(exit.cause)
  if (failure._tag === "None") return { _tag: "Fault", message: Cause.pretty(exit.cause) }
  return failure.value._tag === "OAuthError" ? { _tag: "Refused", error: failure.value.error } : { _tag: "Unavailable" }
}

const done: Reply = { _tag: "Done" }

/** What a client registers as, with the public key that it has here. */
export const metadataOf = (
  holder: Holder,
  { client, profile, flaw }: OperationOf<"Register" | "Update">,
): ClientMetadata => {
  const jwk = profile.hasKeys === true ? holder.textOf("jwk", client) : undefined
  return registrationOf(profile, flaw, jwk === undefined ? undefined : (JSON.parse(jwk) as never)).metadata
}

const attempt = (server: AuthorizationServer, holder: Holder, operation: Operation): Effect.Effect<Reply, Failure> => {
  const clientId = (ref: Ref) => holder.textOf("client", ref)
  const subjectId = (ref: Ref) => holder.textOf("subject", ref) as SubjectId
  const grantId = (ref: Ref) => holder.textOf("grant", ref) as GrantId
  let taken = () => {}
  const credentials = (caller: { readonly by: Ref; readonly authentication: Authentication }) => {
    const { credentials: shown, assertion } = shownBy(server, holder, caller)
    taken = () => void (assertion !== undefined && holder.put("assertion", caller.by, assertion))
    return shown
  }
  const tokens = (effect: Effect.Effect<OAuthToken, Failure>): Effect.Effect<Reply, Failure> =>
    Effect.map(effect, (token) => {
      taken()
      return {
        _tag: "Tokens",
        access: holder.numberOf("access", token.access_token),
        refresh: token.refresh_token === undefined ? null : holder.numberOf("refresh", token.refresh_token),
        scopes: token.scope?.split(" ") ?? [],
        expiresAt: server.now() + token.expires_in * 1000,
      }
    })
  const stored = (
    client: Ref,
    effect: Effect.Effect<{ readonly client_secret?: string; readonly token_endpoint_auth_method?: string }, Failure>,
  ) =>
    Effect.map(effect, ({ client_secret, token_endpoint_auth_method: method }): Reply => {
      if (client_secret !== undefined) holder.put("secret", client, client_secret)
      holder.keepProof(client, method === "private_key_jwt")
      return { _tag: "Stored", client: holder.numberOf("client", clientId(client)) }
    })
  const as = (effect: Effect.Effect<unknown, Failure>) =>
    Effect.map(effect, () => {
      taken()
      return done
    })

  switch (operation._tag) {
    case "Initialize":
    case "Pass":
      return Effect.succeed(done)
    case "Push":
      return Effect.succeed({ _tag: "Unavailable" })
    case "Invite":
      return Effect.map(server.newInitialAccessToken({ lifetimeSeconds: INVITATION_MILLIS / 1000 }), ({ token }) => {
        holder.put("invitation", operation.invitation, token)
        return done
      })
    case "Register": {
      const metadata = metadataOf(holder, operation)
      const origin = operation.profile.isSelfRegistered ? "dynamic" : "operator"
      return stored(operation.client, server.addClient({ metadata, origin, clientId: clientId(operation.client) }))
    }
    case "Update":
      return stored(operation.client, server.updateClient(clientId(operation.client), metadataOf(holder, operation)))
    case "RotateSecret": {
      const overlap = operation.hasOverlap === true ? { overlapSeconds: OVERLAP_MILLIS / 1000 } : {}
      return stored(operation.client, server.rotateClientSecret(clientId(operation.client), overlap))
    }
    case "DisableClient":
      return as(server.disableClient(clientId(operation.client)))
    case "EnableClient":
      return as(server.enableClient(clientId(operation.client)))
    case "DeleteClient":
      return as(server.deleteClient(clientId(operation.client)))
    case "Approve":
      if (operation.isDevice === true) return approveDevice(server, holder, operation)
      return Effect.map(server.openGrant(requestOf(server, holder, operation)), ({ code, grantId }): Reply => {
        const { grant, redirectUri, scopes } = operation
        const verifier = holder.textOf("verifier", grant)
        holder.keepCode(grant, { code, verifier, redirectUri: redirectUris[redirectUri], scopes })
        return { _tag: "Code", grant: holder.numberOf("grant", grantId) }
      })
    case "Deny": {
      if (operation.isDevice === true) return denyDevice(server, holder, operation)
      const denied = server.denyGrant({
        grantId: grantId(operation.grant),
        clientId: clientId(operation.client) as ClientId,
        subjectId: subjectId(operation.subject),
        redirectUri: redirectUris[operation.redirectUri],
      })
      return Effect.map(denied, () => {
        holder.numberOf("grant", grantId(operation.grant))
        return done
      })
    }
    case "Redeem": {
      if (operation.isDevice === true) {
        const proof = { ...optional("resource", operation.resources), ...optional("jkt", jktOf(operation.key)) }
        const { waits } = operation
        const asked = waits === undefined ? undefined : askAsDevice(server, holder, waits.client)
        const code = asked ?? Effect.succeed({ deviceCode: holder.textOf("code", operation.code) })
        const redeemed = (deviceCode: string) =>
          tokens(server.redeemDeviceCode({ credentials: credentials(operation), deviceCode, ...proof }))
        return Effect.flatMap(code, ({ deviceCode }) =>
          waits?.isHasty === true
            ? Effect.andThen(Effect.ignore(redeemed(deviceCode)), redeemed(deviceCode))
            : redeemed(deviceCode),
        )
      }
      const { code, verifier, redirectUri } = holder.redemptionOf(operation, UNREGISTERED_URI)
      return tokens(
        server.redeemCode({
          credentials: credentials(operation),
          code,
          ...optional("codeVerifier", verifier),
          ...optional("redirectUri", redirectUri),
          ...optional("resource", operation.resources),
          ...askedDetails(operation.details),
          ...optional("jkt", jktOf(operation.key)),
        }),
      )
    }
    case "Refresh":
      return tokens(
        server.refresh({
          credentials: credentials(operation),
          refreshToken: holder.textOf("refresh", operation.token),
          ...optional("scopes", operation.scopes),
          ...optional("resource", operation.resources),
          ...askedDetails(operation.details),
          ...optional("jkt", jktOf(operation.key)),
        }),
      )
    case "ClientCredentials":
      return tokens(
        server.issueToken({
          credentials: credentials(operation),
          ...(operation.subject === undefined
            ? {}
            : {
                basis: {
                  _tag: "Policy",
                  subjectId: holder.textOf("subject", operation.subject),
                  approvedAt: server.now(),
                  policy: "tests",
                },
              }),
          ...optional("scopes", operation.scopes),
          ...optional("resource", operation.resources),
        }),
      )
    case "Exchange":
      return tokens(
        server.exchangeToken({
          credentials: credentials(operation),
          subjectToken: holder.textOf("access", operation.token),
          ...optional("actorToken", operation.actor === null ? null : holder.textOf("access", operation.actor)),
          policy: "tests",
          ...optional("mayAct", operation.mayAct === null ? null : clientId(operation.mayAct)),
          ...optional("scopes", operation.scopes),
          ...optional("resource", operation.resources),
          ...optional("jkt", jktOf(operation.key)),
        }),
      )
    case "Revoke": {
      const { kind, token, cascade } = operation
      return as(server.revokeToken({ credentials: credentials(operation), token: holder.textOf(kind, token), cascade }))
    }
    case "RevokeGrant": {
      const by = operation.subject === "operator" ? "operator" : subjectId(operation.subject)
      return as(server.revokeGrant(grantId(operation.grant), by))
    }
    case "EndSessions":
      return as(server.revokeSubjectSessions(subjectId(operation.subject)))
    case "DisableSubject":
      return as(server.disableSubject(subjectId(operation.subject)))
    case "EnableSubject":
      return as(server.enableSubject(subjectId(operation.subject)))
    case "ForgetSubject":
      return as(server.forgetSubject(subjectId(operation.subject)))
    case "RaiseIssuerEpoch":
      return as(server.raiseIssuerEpoch("a restored backup"))
    case "Verify":
      return Effect.map(server.verify(holder.textOf("access", operation.token)), (token) => seen(holder, token))
  }
}

const seen = (holder: Holder, token: AccessToken | undefined): Reply => {
  if (token === undefined) return { _tag: "Inactive" }
  const { clientId, subject, scopes, resource, expiresAt = Infinity } = token
  return {
    _tag: "Active",
    client: holder.numberOf("client", clientId),
    subject: subject === undefined || subject === null ? null : holder.numberOf("subject", subject),
    scopes,
    resources: resource,
    expiresAt: expiresAt * 1000,
  }
}

/**
 * An operation carried out on an authorization server, with the strings that its numbers stand for.
 *
 * It draws nothing by chance. A code is redeemed with the loopback redirect URI, which is what runs approve.
 */
import { hash } from "node:crypto"
import { Cause, Effect, Exit } from "effect"
import type { ClientId, EpochMillis, GrantId, OpenGrant, Resources, Scopes, SubjectId } from "../../src/core/index.ts"
import type { AuthorizationServer, Failure } from "../../src/provider/AuthorizationServer.ts"
import type { AccessToken, OAuthToken } from "../../src/provider/Records.ts"
import { APP_URI, LOOPBACK_URI, UNREGISTERED_URI } from "../machine/Names.ts"
import { registrationOf } from "../machine/Registrations.ts"
import type { Authentication, Key, Operation, OperationOf, Ref, Reply } from "../Operation.ts"
import { challengeOf, type Wallet } from "./Wallet.ts"

/** Longer ago than any request is answered. */
const LATE_MILLIS = 86_400_000
const REDIRECT_URIS = { loopback: LOOPBACK_URI, app: APP_URI, unregistered: UNREGISTERED_URI }
const WRONG = "w".repeat(43)

const optional = <Name extends string, A>(name: Name, value: A | null | undefined): { readonly [N in Name]?: A } =>
  (value === null || value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: A }

const jktOf = (key: Key | null) => (key === null ? null : hash("sha256", key, "base64url"))

export const perform = (server: AuthorizationServer, wallet: Wallet, operation: Operation): Effect.Effect<Reply> =>
  Effect.map(Effect.exit(attempt(server, wallet, operation)), replyOf)

const replyOf = (exit: Exit.Exit<Reply, Failure>): Reply => {
  if (Exit.isSuccess(exit)) return exit.value
  const failure = Cause.findErrorOption(exit.cause)
  if (failure._tag === "None") return { _tag: "Fault", message: Cause.pretty(exit.cause) }
  return failure.value._tag === "OAuthError" ? { _tag: "Refused", error: failure.value.error } : { _tag: "Unavailable" }
}

const done: Reply = { _tag: "Done" }

const attempt = (server: AuthorizationServer, wallet: Wallet, operation: Operation): Effect.Effect<Reply, Failure> => {
  const clientId = (ref: Ref) => wallet.clients[ref]?.clientId ?? "nobody"
  const subjectId = (ref: Ref) => wallet.subjectId(ref) as SubjectId
  const credentials = ({ by, authentication }: { readonly by: Ref; readonly authentication: Authentication }) => ({
    clientId: clientId(by),
    ...(authentication === "wrong" ? { clientSecret: WRONG } : {}),
    ...(authentication === "right" ? optional("clientSecret", wallet.clients[by]?.clientSecret) : {}),
  })
  const tokens = (effect: Effect.Effect<OAuthToken, Failure>): Effect.Effect<Reply, Failure> =>
    Effect.map(effect, (token) => ({
      _tag: "Tokens",
      access: wallet.see("access", token.access_token),
      refresh: token.refresh_token === undefined ? null : wallet.see("refresh", token.refresh_token),
      scopes: token.scope?.split(" ") ?? [],
      expiresAt: server.now() + token.expires_in * 1000,
    }))
  const stored = (client: Ref, effect: Effect.Effect<{ readonly client_secret?: string }, Failure>) =>
    Effect.map(effect, ({ client_secret }): Reply => {
      const secret = client_secret ?? wallet.clients[client]?.clientSecret
      wallet.clients[client] = { clientId: clientIdOf(client), ...optional("clientSecret", secret) }
      return { _tag: "Stored", client }
    })
  const as = (effect: Effect.Effect<unknown, Failure>) => Effect.as(effect, done)

  switch (operation._tag) {
    case "Initialize":
    case "Pass":
      return Effect.succeed(done)
    case "Register": {
      const { metadata } = registrationOf(operation.profile, operation.flaw)
      const origin = operation.profile.isSelfRegistered ? "dynamic" : "operator"
      return stored(operation.client, server.addClient({ metadata, origin, clientId: clientIdOf(operation.client) }))
    }
    case "Update": {
      const { metadata } = registrationOf(operation.profile, operation.flaw)
      return stored(operation.client, server.updateClient(clientId(operation.client), metadata))
    }
    case "RotateSecret":
      return stored(operation.client, server.rotateClientSecret(clientId(operation.client)))
    case "DisableClient":
      return as(server.disableClient(clientId(operation.client)))
    case "EnableClient":
      return as(server.enableClient(clientId(operation.client)))
    case "DeleteClient":
      return as(server.deleteClient(clientId(operation.client)))
    case "Approve":
      return Effect.map(server.openGrant(openGrantRequest(server, wallet, operation)), ({ code }): Reply => {
        wallet.seeCode(operation.grant, code)
        return { _tag: "Code", grant: operation.grant }
      })
    case "Deny":
      return as(
        server.denyGrant({
          grantId: wallet.requests[operation.grant]!.grantId as GrantId,
          clientId: clientId(operation.client) as ClientId,
          subjectId: subjectId(operation.subject),
          redirectUri: REDIRECT_URIS[operation.redirectUri],
        }),
      )
    case "Redeem": {
      const { code, verifier, redirectUri, resources, key } = operation
      const right = code === "made up" ? WRONG : wallet.requests[code]!.verifier
      const codeVerifier = { right, wrong: WRONG, absent: null, malformed: "short" }[verifier]
      return tokens(
        server.redeemCode({
          credentials: credentials(operation),
          code: wallet.show("code", code),
          ...optional("codeVerifier", codeVerifier),
          ...optional("redirectUri", { right: LOOPBACK_URI, wrong: UNREGISTERED_URI, absent: null }[redirectUri]),
          ...optional("resource", resources),
          ...optional("jkt", jktOf(key)),
        }),
      )
    }
    case "Refresh":
      return tokens(
        server.refresh({
          credentials: credentials(operation),
          refreshToken: wallet.show("refresh", operation.token),
          ...optional("scopes", operation.scopes),
          ...optional("resource", operation.resources),
          ...optional("jkt", jktOf(operation.key)),
        }),
      )
    case "ClientCredentials":
      return tokens(
        server.issueClientCredentials({
          credentials: credentials(operation),
          ...optional("scopes", operation.scopes),
          ...optional("resource", operation.resources),
        }),
      )
    case "Revoke": {
      const { kind, token, cascade } = operation
      return as(server.revokeToken({ credentials: credentials(operation), token: wallet.show(kind, token), cascade }))
    }
    case "RevokeGrant": {
      const by = operation.subject === "operator" ? "operator" : subjectId(operation.subject)
      return as(server.revokeGrant(wallet.requests[operation.grant]!.grantId, by))
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
      return Effect.map(server.verify(wallet.show("access", operation.token)), (token) => seen(wallet, token))
  }
}

const clientIdOf = (client: Ref): string => `client-${client}`

const openGrantRequest = (
  server: AuthorizationServer,
  wallet: Wallet,
  operation: OperationOf<"Approve">,
): Parameters<AuthorizationServer["openGrant"]>[0] => {
  const { grant, client, subject, basis, redirectUri, key, isLate, scopes, resources } = operation
  const { grantId, verifier } = wallet.requests[grant]!
  const approvedAt = server.now()
  const approval = { subjectId: wallet.subjectId(subject) as SubjectId, approvedAt }
  const request = {
    redirectUri: REDIRECT_URIS[redirectUri],
    redirectUriProvidedExplicitly: true,
    codeChallenge: challengeOf(verifier),
    jkt: jktOf(key),
  }
  return {
    clientId: wallet.clients[client]?.clientId ?? "nobody",
    approval: basis === "Policy" ? { _tag: basis, ...approval, policy: "tests" } : { _tag: basis, ...approval },
    request: request as NonNullable<OpenGrant["request"]>,
    scopes: scopes as Scopes | null,
    resources: (resources ?? []) as Resources,
    grantId: grantId as GrantId,
    requestedAt: (isLate ? approvedAt - LATE_MILLIS : approvedAt) as EpochMillis,
  }
}

const seen = (wallet: Wallet, token: AccessToken | undefined): Reply => {
  if (token === undefined) return { _tag: "Inactive" }
  const { clientId, subject, scopes, resource, expiresAt = Infinity } = token
  return {
    _tag: "Active",
    client: wallet.clients.findIndex((card) => card.clientId === clientId),
    subject: subject === undefined || subject === null ? null : Number(subject.slice("sub_".length)),
    scopes,
    resources: resource,
    expiresAt: expiresAt * 1000,
  }
}

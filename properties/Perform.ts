/**
 * An operation carried out by a server's own operations, with the strings that its numbers stand for.
 *
 * It draws nothing by chance, and lets no time pass: that is done to a clock.
 */
import { Cause, Effect, Exit } from "effect"
import type { ClientId, EpochMillis, GrantId, OpenGrant, Resources, Scopes, SubjectId } from "../src/core/index.ts"
import type { AuthorizationServer } from "../src/provider/AuthorizationServer.ts"
import type { AccessToken, OAuthToken } from "../src/provider/Records.ts"
import type { Failure } from "../src/provider/TokenRequests.ts"
import type { Holder } from "./Holder.ts"
import { APP_URI, jktOf, LOOPBACK_URI, UNREGISTERED_URI } from "./machine/Names.ts"
import { registrationOf } from "./machine/Registrations.ts"
import type { Authentication, Operation, OperationOf, Ref, Reply } from "./Operation.ts"
import { challengeOf } from "./Secrets.ts"

/** Longer ago than any request is answered. */
const LATE_MILLIS = 86_400_000
export const redirectUris = { loopback: LOOPBACK_URI, app: APP_URI, unregistered: UNREGISTERED_URI }
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

const attempt = (server: AuthorizationServer, holder: Holder, operation: Operation): Effect.Effect<Reply, Failure> => {
  const clientId = (ref: Ref) => holder.textOf("client", ref)
  const subjectId = (ref: Ref) => holder.textOf("subject", ref) as SubjectId
  const grantId = (ref: Ref) => holder.textOf("grant", ref) as GrantId
  const credentials = ({ by, authentication }: { readonly by: Ref; readonly authentication: Authentication }) => ({
    clientId: clientId(by),
    ...optional("clientSecret", holder.secretOf(by, authentication)),
  })
  const tokens = (effect: Effect.Effect<OAuthToken, Failure>): Effect.Effect<Reply, Failure> =>
    Effect.map(effect, (token) => ({
      _tag: "Tokens",
      access: holder.numberOf("access", token.access_token),
      refresh: token.refresh_token === undefined ? null : holder.numberOf("refresh", token.refresh_token),
      scopes: token.scope?.split(" ") ?? [],
      expiresAt: server.now() + token.expires_in * 1000,
    }))
  const stored = (client: Ref, effect: Effect.Effect<{ readonly client_secret?: string }, Failure>) =>
    Effect.map(effect, ({ client_secret }): Reply => {
      if (client_secret !== undefined) holder.put("secret", client, client_secret)
      return { _tag: "Stored", client: holder.numberOf("client", clientId(client)) }
    })
  const as = (effect: Effect.Effect<unknown, Failure>) => Effect.as(effect, done)

  switch (operation._tag) {
    case "Initialize":
    case "Pass":
      return Effect.succeed(done)
    case "Register": {
      const { metadata } = registrationOf(operation.profile, operation.flaw)
      const origin = operation.profile.isSelfRegistered ? "dynamic" : "operator"
      return stored(operation.client, server.addClient({ metadata, origin, clientId: clientId(operation.client) }))
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
        const asked = operation.waits === undefined ? undefined : askAsDevice(server, holder, operation.waits.client)
        const code = asked ?? Effect.succeed({ deviceCode: holder.textOf("code", operation.code) })
        return Effect.flatMap(code, ({ deviceCode }) =>
          tokens(server.redeemDeviceCode({ credentials: credentials(operation), deviceCode, ...proof })),
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

/** A device of that client asks for what there is by default, with the proof that its client has. */
const askAsDevice = (server: AuthorizationServer, holder: Holder, client: Ref) =>
  server.requestDevice({
    credentials: {
      clientId: holder.textOf("client", client),
      ...optional("clientSecret", holder.secretOf(client, "right")),
    },
  })

/** The user code that leads to a request: of one that was answered the old one, else of one that a device asks for now. */
const userCodeFor = (
  server: AuthorizationServer,
  holder: Holder,
  { grant, client }: { readonly grant: Ref; readonly client: Ref },
) =>
  Effect.gen(function* () {
    if (grant < holder.countOf("grant")) return { userCode: holder.textOf("userCode", grant), keep: () => {} }
    const { deviceCode, userCode } = yield* askAsDevice(server, holder, client)
    const keep = () => {
      holder.put("userCode", grant, userCode)
      holder.put("code", grant, deviceCode)
      holder.put("grant", grant, deviceCode.slice(GRANT_ID_FROM, GRANT_ID_TO))
    }
    return { userCode, keep }
  })

/** Where a code names its grant. */
const [GRANT_ID_FROM, GRANT_ID_TO] = [4, 26]

const approveDevice = (
  server: AuthorizationServer,
  holder: Holder,
  operation: OperationOf<"Approve">,
): Effect.Effect<Reply, Failure> =>
  Effect.gen(function* () {
    const { grant, scopes, resources } = operation
    const { userCode, keep } = yield* userCodeFor(server, holder, operation)
    const approval = approvalOf(server, holder, operation)
    yield* server.devices.approve({ userCode, approval, scopes, resources: resources ?? [] })
    keep()
    return { _tag: "Code", grant }
  })

const denyDevice = (
  server: AuthorizationServer,
  holder: Holder,
  operation: OperationOf<"Deny">,
): Effect.Effect<Reply, Failure> =>
  Effect.gen(function* () {
    const { userCode, keep } = yield* userCodeFor(server, holder, operation)
    yield* server.devices.deny({ userCode, subjectId: holder.textOf("subject", operation.subject) })
    keep()
    return done
  })

const approvalOf = (
  server: AuthorizationServer,
  holder: Holder,
  { subject, basis }: OperationOf<"Approve">,
): Parameters<AuthorizationServer["openGrant"]>[0]["approval"] => {
  const approval = { subjectId: holder.textOf("subject", subject) as SubjectId, approvedAt: server.now() }
  return basis === "Policy" ? { _tag: basis, ...approval, policy: "tests" } : { _tag: basis, ...approval }
}

const requestOf = (
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
    grantId: holder.textOf("grant", grant) as GrantId,
    requestedAt: (isLate ? approvedAt - LATE_MILLIS : approvedAt) as EpochMillis,
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

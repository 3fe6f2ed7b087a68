/** The server by its own operations, in process: everything can be tried here but flawed registrations. */
import { Effect } from "effect"
import type {
  ClientId,
  CodeChallenge,
  EpochMillis,
  GrantId,
  RedirectUri,
  Resources,
  Scopes,
} from "../../../src/core/index.ts"
import { optional } from "../../../src/http/Form.ts"
import { parseToken, type Failure, type OAuthToken } from "../../../src/provider/index.ts"
import { jktOf } from "../../../properties/machine/Names.ts"
import type { Authentication, Operation, OperationOf, Ref, Reply } from "../../../properties/Operation.ts"
import { seenInFull, type SystemFactory } from "../../../properties/System.ts"
import { challengeOf } from "../WireClient.ts"
import { isFlawless, metadataFor, newHolder, redirectUris, VERIFIER, verifierFor, type Holder } from "./Holder.ts"
import { done, operate, replyOf } from "./Operator.ts"
import type { Running } from "./Running.ts"

const some = <A>(value: A | null): A | undefined => (value === null ? undefined : value)

export const nativeSystem =
  (name: string, running: Running): SystemFactory =>
  () => {
    const holder = newHolder()
    return Promise.resolve({
      name,
      possible: () => true,
      accepts: isFlawless,
      sees: seenInFull,
      run: (operation: Operation) => replyOf(run(running, holder, operation)),
      now: running.clock.now,
      close: () => running.finish(holder.secrets()),
    })
  }

const run = ({ native, clock }: Running, holder: Holder, operation: Operation): Effect.Effect<Reply, Failure> => {
  const credentials = ({ by, authentication }: { readonly by: Ref; readonly authentication: Authentication }) => ({
    clientId: holder.clientId(by),
    ...optional("clientSecret", holder.secretFor(by, authentication)),
  })
  const { numbering } = holder
  const tokens = (effect: Effect.Effect<OAuthToken, Failure>) =>
    Effect.map(effect, (token): Reply => ({
      _tag: "Tokens",
      access: numbering.numberOf("access", token.access_token),
      refresh: token.refresh_token === undefined ? null : numbering.numberOf("refresh", token.refresh_token),
      scopes: token.scope?.split(" ") ?? [],
      expiresAt: clock.now() + token.expires_in * 1000,
    }))

  switch (operation._tag) {
    case "Pass":
      return Effect.sync(() => {
        clock.pass(operation.millis / 1000)
        return done
      })
    case "Register": {
      const { client, profile } = operation
      const origin = profile.isSelfRegistered ? "dynamic" : "operator"
      const added = native.addClient({ metadata: metadataFor(profile), origin, clientId: holder.clientId(client) })
      return Effect.map(added, ({ client_secret }): Reply => {
        holder.keepSecret(client, client_secret)
        return { _tag: "Stored", client }
      })
    }
    case "Approve":
      return Effect.map(native.openGrant(requestOf(holder, operation, clock.now())), ({ code, grantId }): Reply => {
        holder.keepCode(operation.grant, code, operation.redirectUri)
        return { _tag: "Code", grant: holder.opened(grantId) }
      })
    case "Deny": {
      const { grant, client, subject, redirectUri } = operation
      const grantId = holder.grantId(grant) as GrantId
      const denied = native.denyGrant({
        grantId,
        clientId: holder.clientId(client) as ClientId,
        subjectId: holder.subjectId(subject),
        redirectUri: redirectUris[redirectUri],
      })
      return Effect.map(denied, () => {
        holder.opened(grantId)
        return done
      })
    }
    case "Redeem":
      return tokens(
        native.redeemCode({
          credentials: credentials(operation),
          code: holder.shown("code", operation.code),
          ...optional("codeVerifier", verifierFor(operation.verifier)),
          ...optional("redirectUri", holder.redirectUriFor(operation)),
          ...optional("resource", some(operation.resources)),
          ...optional("jkt", some(jktOf(operation.key))),
        }),
      )
    case "Refresh":
      return tokens(
        native.refresh({
          credentials: credentials(operation),
          refreshToken: holder.shown("refresh", operation.token),
          ...optional("scopes", some(operation.scopes)),
          ...optional("resource", some(operation.resources)),
          ...optional("jkt", some(jktOf(operation.key))),
        }),
      )
    case "ClientCredentials": {
      const issued = native.issueClientCredentials({
        credentials: credentials(operation),
        ...optional("scopes", some(operation.scopes)),
        ...optional("resource", some(operation.resources)),
      })
      return tokens(
        Effect.tap(issued, ({ access_token }) => Effect.sync(() => holder.opened(parseToken(access_token)!.grantId))),
      )
    }
    case "Revoke": {
      const { kind, token, cascade } = operation
      const revoked = native.revokeToken({
        credentials: credentials(operation),
        token: holder.shown(kind, token),
        cascade,
      })
      return Effect.as(revoked, done)
    }
    case "Verify":
      return Effect.map(native.verify(holder.shown("access", operation.token)), (record): Reply => {
        if (record === undefined) return { _tag: "Inactive" }
        const { clientId, subject, scopes, resource, expiresAt = Infinity } = record
        return {
          _tag: "Active",
          client: numbering.numberOf("client", clientId),
          subject: holder.subjectOf(subject),
          scopes,
          resources: resource,
          expiresAt: expiresAt * 1000,
        }
      })
    default:
      return operate(native, holder, operation)!
  }
}

/** Longer ago than any request is answered. */
const LATE_MILLIS = 86_400_000

const requestOf = (
  holder: Holder,
  operation: OperationOf<"Approve">,
  now: number,
): Parameters<Running["native"]["openGrant"]>[0] => {
  const { grant, client, subject, basis, redirectUri, key, isLate, scopes, resources } = operation
  const approval = { subjectId: holder.subjectId(subject), approvedAt: now as EpochMillis }
  return {
    clientId: holder.clientId(client),
    approval: basis === "Policy" ? { _tag: basis, ...approval, policy: "tests" } : { _tag: basis, ...approval },
    request: {
      redirectUri: redirectUris[redirectUri] as RedirectUri,
      redirectUriProvidedExplicitly: true,
      codeChallenge: challengeOf(VERIFIER) as CodeChallenge,
      jkt: jktOf(key),
    },
    scopes: scopes as Scopes | null,
    resources: (resources ?? []) as Resources,
    grantId: holder.grantId(grant) as GrantId,
    requestedAt: isLate ? now - LATE_MILLIS : now,
  }
}

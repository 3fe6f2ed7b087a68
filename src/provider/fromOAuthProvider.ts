/**
 * Anybody's ten-method provider behind our wire protocol.
 *
 * The HTTP layer brings parsing, client authentication, PKCE, limits and error codes; login, consent and the keeping
 * of tokens stay the provider's. What it throws that is no OAuth error becomes a 500 with nothing in it. Client
 * credentials are not in the contract and are refused; of refresh tokens, introspection says nothing.
 */
import { timingSafeEqual } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import {
  inactive,
  introspectionAnswer,
  type Introspection,
  includesResource,
  type OAuthErrorCode,
} from "../protocol/index.ts"
import { endOf, metadataFault, momentOf, refusals, wholeSeconds, type RefusalReason } from "../core/index.ts"
import { codeFault, isUnexpired, refreshFault, resourcesIn } from "./ForeignProviderChecks.ts"
import type { ProtocolServer } from "./AuthorizationServer.ts"
import type { Credentials, Failure } from "./TokenRequests.ts"
import { readClientMetadata } from "./ClientRegistration.ts"
import { settingsOf, type Config } from "./Config.ts"
import { ConfigFault } from "./ConfigFault.ts"
import { resourcesOf, scopesOf } from "./Decoding.ts"
import { contract, standard } from "./features/standard.ts"
import { keyRing, newKeyRing } from "./Keys.ts"
import { OAuthError, RateLimited, Unavailable, oauthError } from "./OAuthError.ts"
import type { Capabilities, OAuthProvider } from "./OAuthProvider.ts"
import type { AccessToken, OAuthClientInformationFull } from "./Records.ts"
import { redirectWith } from "./RedirectResponse.ts"
import { liveRandomness, mintClientId, mintClientSecret } from "./Randomness.ts"
import { signsNothing } from "./signing/Signer.ts"
import { digestOf } from "./Token.ts"

const codes = new Set<string>([
  ...Object.values(refusals).map(([code]) => code),
  "unsupported_grant_type",
  "server_error",
])

/** An OAuth error in any of the shapes that providers throw: `error`, or the MCP SDK's `errorCode`, and a message. */
const asOAuthError = (cause: unknown): OAuthError | undefined => {
  if (cause instanceof OAuthError) return cause
  const { error, errorCode, code, message } = Object(cause) as Record<string, unknown>
  const named = [error, errorCode, code].find((one): one is OAuthErrorCode => typeof one === "string" && codes.has(one))
  return named === undefined ? undefined : oauthError(named, typeof message === "string" ? message : named)
}

const call = <A>(body: () => Promise<A>): Effect.Effect<A, Failure> =>
  Effect.catch(Effect.tryPromise({ try: body, catch: (cause) => cause }), (cause) => {
    const known = cause instanceof Unavailable || cause instanceof RateLimited ? cause : asOAuthError(cause)
    return known === undefined ? Effect.die(cause) : Effect.fail(known)
  })

/** Looking something up cannot be refused: a provider that does is broken. */
const unrefused = <A>(effect: Effect.Effect<A, Failure>): Effect.Effect<A, Unavailable> =>
  Effect.catch(effect, (failure) => (failure instanceof Unavailable ? Effect.fail(failure) : Effect.die(failure)))

/** Absent and empty are alike, however a provider writes them down. */
const scopeMember = (scope: string | null | undefined) => (scope ? { scope } : {})

const isPublic = (client: OAuthClientInformationFull): boolean => client.token_endpoint_auth_method === "none"

/** The ten methods of the contract. */
export const providerMethods = [
  "getClient",
  "registerClient",
  "authorize",
  "loadAuthorizationCode",
  "exchangeAuthorizationCode",
  "loadRefreshToken",
  "exchangeRefreshToken",
  "loadAccessToken",
  "verifyToken",
  "revokeToken",
] as const satisfies ReadonlyArray<keyof OAuthProvider>

/** Our metadata promises clients that every answer names the issuer; what leads elsewhere is left as it is. */
//= RFC9207-2-iss-in-all-responses
const withIssuer = (location: string, redirectUri: string, iss: string): string => {
  const isAnswer = location.startsWith(redirectUri + (redirectUri.includes("?") ? "&" : "?"))
  const isNamed = isAnswer && new URLSearchParams(location.slice(redirectUri.length + 1)).has("iss")
  return isAnswer && !isNamed ? redirectWith(location, { iss }) : location
}

/** Refuses scopes and resources that can be none: a provider gets what a caller said, but never nonsense. */
const requireReadable = (asked: {
  readonly scopes?: ReadonlyArray<string>
  readonly resource?: ReadonlyArray<string>
}): Effect.Effect<void, OAuthError> =>
  Effect.asVoid(Effect.andThen(scopesOf(asked.scopes), resourcesOf(asked.resource)))

/** For what asks the time outside an Effect. */
const clock = Context.get(Context.empty(), Clock.Clock)

const noDevices = oauthError("unsupported_grant_type", "this provider has no device codes")

const nothing: Capabilities = { isJudge: false, isRefreshRetryable: false }

/**
 * The wire protocol's server over `provider`; throws a `ConfigFault` if it is none, or the configuration cannot be served.
 *
 * @example
 * import { createHandler, fromOAuthProvider, inMemoryProvider } from "grantlog"
 *
 * const server = fromOAuthProvider(inMemoryProvider(), { issuer: "http://localhost:4000" })
 * const handle = createHandler(server)
 */
export const fromOAuthProvider = (provider: OAuthProvider, config: Config): ProtocolServer => {
  const missing = providerMethods.find((name) => typeof provider?.[name] !== "function")
  if (missing !== undefined) {
    const message = `the provider has no method \`${missing}\`: give an object with the ten methods of \`OAuthProvider\``
    throw new ConfigFault({ message })
  }
  const { isJudge, isRefreshRetryable } = provider.capabilities ?? nothing
  const settings = settingsOf(config)
  const getClient = (clientId: string) => unrefused(call(() => provider.getClient(clientId)))

  const isSecret = (client: OAuthClientInformationFull, secret: string): Effect.Effect<boolean, Unavailable> =>
    provider.authenticateClient === undefined
      ? Effect.map(Clock.currentTimeMillis, (now) => {
          const { client_secret = "", client_secret_expires_at: expiresAt = 0 } = client
          const isSame = timingSafeEqual(Buffer.from(digestOf(secret)), Buffer.from(digestOf(client_secret)))
          return isSame && client_secret !== "" && (expiresAt === 0 || now < expiresAt * 1000)
        })
      : unrefused(call(() => provider.authenticateClient!(client.client_id, secret)))

  const requireClient = Effect.fnUntraced(function* ({ clientId, clientSecret }: Credentials) {
    const client = yield* getClient(clientId)
    if (!client) return yield* oauthError(...refusals["client-unknown"])
    const isAuthenticated = isPublic(client)
      ? clientSecret === undefined
      : clientSecret !== undefined && (yield* isSecret(client, clientSecret))
    return isAuthenticated ? client : yield* oauthError(...refusals["client-unauthenticated"])
  })

  /** Refuses what the provider cannot be trusted to refuse. */
  const judged = (faultAt: (now: number) => RefusalReason | undefined): Effect.Effect<void, OAuthError> =>
    isJudge
      ? Effect.void
      : Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const fault = faultAt(now)
          if (fault === undefined) return Effect.void
          const [error, description] = refusals[fault]
          return oauthError(error, description)
        })

  const introspected = Effect.fnUntraced(function* (
    clientId: string,
    record: AccessToken,
  ): Effect.fn.Return<Introspection, Failure> {
    const audience = provider.audienceOf === undefined ? undefined : yield* call(() => provider.audienceOf!(clientId))
    const aud = resourcesIn(record)
    const isForCaller = audience !== undefined && includesResource(aud, audience)
    if (record.clientId !== clientId && !isForCaller) return inactive
    // INVARIANT: a provider that judges gives only what is alive, by its own clock.
    if (!isJudge && !isUnexpired(record, yield* Clock.currentTimeMillis)) return inactive
    return introspectionAnswer({ ...record, kind: "access", issuer: settings.issuer, resource: aud })
  })

  const now = () => momentOf(clock.currentTimeMillisUnsafe())
  const findClient = (clientId: string) =>
    Effect.map(getClient(clientId), (client) => {
      if (!client) return undefined
      const { client_secret, ...information } = client
      return information
    })

  return {
    settings,
    isRefreshRetryable,
    features: contract,
    serverContext: {
      issuer: settings.issuer,
      now,
      client: (clientId) => Effect.runPromise(findClient(clientId)),
      secrets: keyRing(newKeyRing(liveRandomness)).secrets,
      ...signsNothing,
    },
    now,
    isAutoApproved: () => false,
    findClient,
    knownClient: findClient,
    registerClient: (input) =>
      Effect.gen(function* () {
        const metadata = yield* Effect.fromResult(
          readClientMetadata(
            input,
            standard,
            settings.registrationGrants.filter((one) => contract.grantTypes.has(one)),
          ),
        )
        const fault = metadataFault(metadata, settings.appSchemes)
        if (fault !== undefined) return yield* oauthError(fault.error, fault.description)
        const now = yield* Clock.currentTimeMillis
        const lifetime = settings.clientSecretLifetime
        const secret = {
          client_secret: mintClientSecret(liveRandomness),
          client_secret_expires_at: lifetime === undefined ? 0 : wholeSeconds(endOf(momentOf(now), lifetime)),
        }
        const information: OAuthClientInformationFull = {
          client_id: mintClientId(liveRandomness),
          client_id_issued_at: wholeSeconds(now),
          ...(metadata.token_endpoint_auth_method === "none" ? {} : secret),
          ...metadata,
        }
        yield* call(() => provider.registerClient(information))
        // Which of the scopes it has is for the provider to say.
        const kept = yield* getClient(information.client_id)
        const { scope, ...answered } = information
        return { ...answered, ...scopeMember((kept ?? { scope }).scope) }
      }),
    authorize: (clientId, params) =>
      Effect.gen(function* () {
        const client = yield* getClient(clientId)
        if (!client) return yield* oauthError(...refusals["client-unknown"])
        yield* requireReadable(params)
        const { codeChallenge } = params
        if (codeChallenge === null) return yield* oauthError(...refusals["challenge-missing"])
        const location = yield* call(() => provider.authorize(client, { ...params, codeChallenge }))
        return { _tag: "Elsewhere" as const, location: withIssuer(location, params.redirectUri, settings.issuer) }
      }),
    redeemCode: ({ credentials, code, ...proof }) =>
      Effect.gen(function* () {
        const client = yield* requireClient(credentials)
        yield* requireReadable(proof)
        const record = yield* call(() => provider.loadAuthorizationCode(client, code))
        if (!record) return yield* oauthError(...refusals["code-unknown"])
        yield* judged((now) => codeFault(client, record, proof, now))
        return yield* call(() => provider.exchangeAuthorizationCode(client, record, proof))
      }),
    refresh: ({ credentials, refreshToken, scopes, ...proof }) =>
      Effect.gen(function* () {
        const client = yield* requireClient(credentials)
        yield* requireReadable({ ...proof, ...(scopes === undefined ? {} : { scopes }) })
        const record = yield* call(() => provider.loadRefreshToken(client, refreshToken))
        if (!record) return yield* oauthError(...refusals["refresh-unknown"])
        const asked = scopes ?? record.scopes
        yield* judged((now) => refreshFault(client, record, asked, proof, now))
        return yield* call(() => provider.exchangeRefreshToken(client, record, asked, proof))
      }),
    issueToken: () => Effect.fail(oauthError("unsupported_grant_type", "this provider has no client credentials")),
    exchangeToken: () => Effect.fail(oauthError("unsupported_grant_type", "this provider exchanges no tokens")),
    requestDevice: () => Effect.fail(noDevices),
    redeemDeviceCode: () => Effect.fail(noDevices),
    revokeToken: ({ credentials, token }) =>
      Effect.gen(function* () {
        const client = yield* requireClient(credentials)
        const refresh = yield* call(() => provider.loadRefreshToken(client, token))
        const record = refresh || (yield* call(() => provider.loadAccessToken(token)))
        if (!record || record.clientId !== client.client_id) return
        yield* call(() => provider.revokeToken(record, { cascade: record === refresh }))
      }),
    introspect: (credentials, token) =>
      Effect.gen(function* () {
        const caller = yield* requireClient(credentials)
        if (isPublic(caller)) return yield* oauthError(...refusals["client-unauthenticated"])
        const record = yield* call(() => provider.verifyToken(token))
        return record ? yield* introspected(caller.client_id, record) : inactive
      }),
  }
}

/** The operations on clients: registering, changing, suspending and deleting them; and what credentials prove of one. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import {
  ClientId,
  ClientPolicy,
  Resource,
  endOf,
  inSeconds,
  isPublic,
  metadataFault,
  type Client,
  type ClientMetadata,
  type ClientOrigin,
  type ClientSecret,
  type CommandOf,
  type RegisteredClient,
} from "../core/index.ts"
import type { UnusedClient } from "../projection/index.ts"
import type { AuthorizationServer, NewClient } from "./AuthorizationServer.ts"
import type { initialAccess } from "./InitialAccess.ts"
import type { SingleUse } from "./TokenRequests.ts"
import { readClientMetadata } from "./ClientRegistration.ts"
import type { Settings } from "./Config.ts"
import { clientIdOf, readerOf } from "./Decoding.ts"
import type { Features } from "./features/Features.ts"
import type { ClientParts, Issued } from "./ClientParts.ts"
import { execute, orUnavailable, type HandlerContext } from "./CommandHandler.ts"
import { oauthError, rateLimited, type OAuthError } from "./OAuthError.ts"
import { HOUR_MILLIS, makePace } from "./Pace.ts"
import { clientInformation, type OAuthClientInformationFull } from "./Records.ts"
import { doneOrFail, storedOrFail } from "./Replies.ts"
import { mintClientId, mintClientSecret, mintRegistrationToken } from "./Randomness.ts"
import { digestOf } from "./Token.ts"

export const OPERATOR = "operator" as const
const MIN_SECRET_CHARACTERS = 22
/** A month: whoever has not changed over by then will not. */
const MAX_OVERLAP_SECONDS = 31 * 86_400
const DEFAULT_PAGE = 100
/** More than one is deleted for each that comes, so that the backlog of a flood is reduced. */
const SWEPT_AT_ONCE = 8

/** What every client writes the same way in Basic, percent-encoded or not. */
const isPortable = (text: string): boolean => /^[A-Za-z0-9\-._~]{1,128}$/.test(text)

const chosenSecret = (secret: string): Result.Result<string, OAuthError> =>
  secret.length >= MIN_SECRET_CHARACTERS && isPortable(secret)
    ? Result.succeed(secret)
    : Result.fail(
        oauthError(
          "invalid_client_metadata",
          `client_secret has fewer than ${MIN_SECRET_CHARACTERS} or more than 128 characters, or others than A-Z a-z 0-9 - . _ ~`,
        ),
      )

const Overlap = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MAX_OVERLAP_SECONDS }))
const overlapOf = readerOf(
  Overlap,
  "invalid_request",
  `overlapSeconds is no whole number from 0 to ${MAX_OVERLAP_SECONDS}`,
)

const idToRegister = readerOf(ClientId, "invalid_client_metadata", "client_id is not well-formed")
const policyToRegister = readerOf(ClientPolicy, "invalid_client_metadata", "policy is not first-party")
const audienceToRegister = readerOf(Resource, "invalid_client_metadata", "audience is not well-formed")

interface Chosen extends Omit<NewClient, "metadata" | "origin"> {
  readonly claims?: ReadonlyArray<SingleUse>
}

const originOf = (client: Client): ClientOrigin => (client._tag === "Registered" ? client.origin : "operator")

export const clientOperations = (
  context: HandlerContext,
  settings: Settings,
  features: Features,
  invitations: ReturnType<typeof initialAccess>,
) => {
  const { log, randomness, time } = context
  const { appSchemes, registrationGrants } = settings
  const registering = Semaphore.makeUnsafe(1)
  const informationOf = (client: RegisteredClient, issued: Issued = {}): OAuthClientInformationFull => {
    const { registrationManagement: management } = features
    const place = `${settings.issuer.replace(/\/$/, "")}${management?.path}?client_id=${client.clientId}`
    return {
      ...clientInformation(client, settings, issued.secret),
      ...(issued.token === undefined ? {} : { registration_access_token: issued.token }),
      ...(management === undefined || client.registrationToken === undefined ? {} : { registration_client_uri: place }),
    }
  }

  const usesSecret = ({ token_endpoint_auth_method: method }: ClientMetadata): boolean => {
    const { isProof = false, usesSecret = isProof } = features.clientAuthentications.find(
      ({ name }) => name === method,
    )!
    return usesSecret
  }

  const readAs = (origin: ClientOrigin, metadata: unknown) =>
    readClientMetadata(metadata, features, origin === "dynamic" ? registrationGrants : undefined)

  const register = Effect.fnUntraced(function* (
    origin: ClientOrigin,
    { clientId, clientSecret, audience, policy, claims = [] }: Chosen,
    metadata: ClientMetadata,
  ) {
    const id = yield* idToRegister(clientId ?? mintClientId(randomness))
    //= CIMD-7-own-ids
    if (!isPortable(id)) {
      return yield* oauthError("invalid_client_metadata", "client_id has other characters than A-Z a-z 0-9 - . _ ~")
    }
    const resource = audience === undefined ? null : yield* audienceToRegister(audience)
    const given = policy === undefined ? {} : { policy: yield* policyToRegister(policy) }
    const secret =
      clientSecret === undefined
        ? usesSecret(metadata)
          ? mintClientSecret(randomness)
          : undefined
        : yield* Effect.fromResult(chosenSecret(clientSecret))
    const isManaged = origin === "dynamic" && features.registrationManagement !== undefined
    const token = isManaged ? mintRegistrationToken(randomness) : undefined
    const commandOn = () => {
      const at = time.now()
      const command = (isQuotaLeft: boolean): CommandOf<"RegisterClient"> => ({
        _tag: "RegisterClient",
        clientId: id,
        metadata,
        secret: secret === undefined ? null : storedSecret(secret, origin, at),
        audience: resource,
        origin,
        ...given,
        ...(token === undefined ? {} : { registrationToken: digestOf(token) }),
        appSchemes,
        isQuotaLeft,
        at,
      })
      return origin === "operator"
        ? command(true)
        : Effect.map(log.rows.dynamicClientCount(), (count) => command(count < settings.maxDynamicClients))
    }
    const actor = origin === "operator" ? OPERATOR : id
    const { reply } = yield* execute(context, { clientId: id }, actor, commandOn, { claims })
    return informationOf(yield* storedOrFail(reply), { secret, token })
  })

  /**
   * Deletes a registration that was never used. If somebody approves a request of it at the same time, the approval
   * wins.
   */
  const remove = ({ clientId, rowCheck }: UnusedClient): Effect.Effect<void> =>
    Effect.ignore(
      execute(context, { clientId }, OPERATOR, () => ({ _tag: "DeleteClient" as const, clientId, at: time.now() }), {
        rowChecks: [rowCheck],
      }),
    )

  const removeUnused = (upTo: number, limit: number) =>
    Effect.flatMap(orUnavailable(log.rows.unusedClients(upTo, limit)), (unused) =>
      Effect.forEach(unused, remove, { discard: true }),
    )

  /**
   * Registrations that led nowhere for too long make room; and where there is none, the oldest that nobody ever approved
   * and that no request under way can be of.
   */
  const makeRoom = Effect.gen(function* () {
    yield* removeUnused(time.now() - settings.unusedClientLifetime, SWEPT_AT_ONCE)
    const count = yield* orUnavailable(log.rows.dynamicClientCount())
    const excess = count - settings.maxDynamicClients + 1
    if (excess > 0 && settings.maxDynamicClients > 0) {
      yield* removeUnused(time.now() - settings.lifetimes.public.request, Math.min(excess, SWEPT_AT_ONCE))
    }
  })

  const pace = makePace(settings.registrationRate, HOUR_MILLIS)
  /**
   * One limit for all who register themselves: otherwise the deletions that make room for them would grow the log
   * without end.
   */
  const admitRegistration = Effect.suspend(() => {
    const wait = pace.take("registration", time.now())
    return wait === 0
      ? Effect.void
      : Effect.fail(rateLimited("too many clients are registering themselves; try again later", wait))
  })

  const storedSecret = (secret: string, origin: ClientOrigin, at: CommandOf<"RegisterClient">["at"]): ClientSecret => {
    const lifetime = origin === "dynamic" ? settings.clientSecretLifetime : undefined
    return { digest: digestOf(secret), expiresAt: lifetime === undefined ? null : endOf(at, lifetime) }
  }

  /** A client that proves itself in another way than before gets a secret, or loses the one that it had. */
  const secretFor = (
    metadata: ClientMetadata,
    client: Client,
    secret: string,
  ): Pick<CommandOf<"UpdateClient">, "secret"> => {
    if (client._tag !== "Registered" || isPublic(client)) return {}
    const hasSecret = client.secret !== null
    if (usesSecret(metadata) === hasSecret) return {}
    return { secret: hasSecret ? null : storedSecret(secret, client.origin, time.now()) }
  }

  const onClient = (tag: "DisableClient" | "EnableClient" | "DeleteClient") =>
    Effect.fnUntraced(function* (id: string) {
      const clientId = yield* clientIdOf(id)
      const { reply } = yield* execute(context, { clientId }, OPERATOR, () => ({
        _tag: tag,
        clientId,
        at: time.now(),
      }))
      yield* doneOrFail(reply)
    })

  /** Counted for the limit that all who register themselves share; what is refused has appended nothing. */
  const counted: ClientParts["counted"] = (appending) =>
    Effect.andThen(
      admitRegistration,
      Effect.tapError(appending, () => Effect.sync(() => pace.giveBack("registration"))),
    )

  const registerItself = (chosen: Chosen, metadata: ClientMetadata) => {
    const fault = metadataFault(metadata, appSchemes)
    return fault === undefined
      ? // INVARIANT: the quota is counted and used by one registration after the other, however many come at once.
        registering.withPermits(1)(counted(Effect.andThen(makeRoom, register("dynamic", chosen, metadata))))
      : Effect.fail(oauthError(fault.error, fault.description))
  }

  const parts: ClientParts = { readAs, secretFor, storedSecret, informationOf, counted, appSchemes }
  const operations = {
    clients: ({ limit = DEFAULT_PAGE, ...page } = {}) =>
      Effect.map(orUnavailable(log.rows.clients({ ...page, limit })), (clients) => clients.map(({ state }) => state)),
    registerClient: (input, initialAccessToken) =>
      Effect.gen(function* () {
        if (settings.registration === "off") {
          return yield* oauthError("access_denied", "clients cannot register themselves here; ask the operator")
        }
        const isInvited = settings.registration === "invited"
        const claims = isInvited ? yield* invitations.usedByRegistration(initialAccessToken) : []
        return yield* registerItself({ claims }, yield* Effect.fromResult(readAs("dynamic", input)))
      }),
    addClient: ({ metadata, origin = "operator", ...chosen }) =>
      Effect.flatMap(Effect.fromResult(readAs(origin, metadata)), (read) =>
        origin === "dynamic" ? registerItself(chosen, read) : register(origin, chosen, read),
      ),
    updateClient: (id, input) =>
      Effect.gen(function* () {
        const clientId = yield* clientIdOf(id)
        const metadata = yield* Effect.fromResult(readClientMetadata(input, features))
        const secret = mintClientSecret(randomness)
        const { reply } = yield* execute(context, { clientId }, OPERATOR, ({ state }) => ({
          _tag: "UpdateClient" as const,
          clientId,
          metadata,
          ...secretFor(metadata, state.client, secret),
          appSchemes,
          at: time.now(),
        }))
        const updated = yield* storedOrFail(reply)
        return informationOf(updated, updated.secret?.digest === digestOf(secret) ? { secret } : {})
      }),
    rotateClientSecret: (id, { overlapSeconds = 0 } = {}) =>
      Effect.gen(function* () {
        const clientId = yield* clientIdOf(id)
        const overlap = yield* overlapOf(overlapSeconds)
        const secret = mintClientSecret(randomness)
        const { reply } = yield* execute(context, { clientId }, OPERATOR, ({ state }) => ({
          _tag: "RotateClientSecret" as const,
          clientId,
          secret: storedSecret(secret, originOf(state.client), time.now()),
          ...(overlap === 0 ? {} : { overlapUntil: endOf(time.now(), inSeconds(overlap)) }),
          at: time.now(),
        }))
        return informationOf(yield* storedOrFail(reply), { secret })
      }),
    disableClient: onClient("DisableClient"),
    enableClient: onClient("EnableClient"),
    deleteClient: onClient("DeleteClient"),
  } satisfies Partial<AuthorizationServer>
  return { operations, parts }
}

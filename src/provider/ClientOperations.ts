/** The operations on clients: registering, changing, suspending and deleting them; and what credentials prove of one. */
import { timingSafeEqual } from "node:crypto"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import {
  ClientId,
  Resource,
  endOf,
  inSeconds,
  isAuthenticated,
  isPublic,
  metadataFault,
  type Authentication,
  type Client,
  type ClientMetadata,
  type ClientOrigin,
  type ClientSecret,
  type CommandOf,
  type EpochMillis,
  type RegisteredClient,
} from "../core/index.ts"
import type { UnusedClient } from "../projection/index.ts"
import type { AuthorizationServer, NewClient } from "./AuthorizationServer.ts"
import type { Credentials } from "./TokenRequests.ts"
import { readClientMetadata } from "./ClientRegistration.ts"
import type { Settings } from "./Config.ts"
import { clientIdOf, readerOf } from "./Decoding.ts"
import type { Features } from "./features/Features.ts"
import { execute, orUnavailable, type HandlerContext } from "./CommandHandler.ts"
import { oauthError, rateLimited, type OAuthError } from "./OAuthError.ts"
import { HOUR_MILLIS, makePace } from "./Pace.ts"
import { clientInformation } from "./Records.ts"
import { doneOrFail, storedOrFail } from "./Replies.ts"
import { mintClientId, mintClientSecret } from "./Randomness.ts"
import { digestOf } from "./Token.ts"

export const OPERATOR = "operator" as const
const MIN_SECRET_CHARACTERS = 22
/** A month: whoever has not changed over by then will not. */
const MAX_OVERLAP_SECONDS = 31 * 86_400
const DEFAULT_PAGE = 100
/** More than one is deleted for each that comes, so that the backlog of a flood is reduced. */
const SWEPT_AT_ONCE = 8

/** What the credentials prove about `client`: compared as digests, in constant time. */
export const authenticationOf = (client: Client, credentials: Credentials): Authentication => {
  const { clientSecret } = credentials
  if (credentials.hasFailed) return "failed"
  if (credentials.isAuthenticated) return client._tag === "Registered" && isPublic(client) ? "none" : "verified"
  if (clientSecret === undefined) return "none"
  const { secret, replacedSecret } = client._tag === "Registered" ? client : nobody
  const given = Buffer.from(digestOf(clientSecret))
  const isOf = (stored: ClientSecret | null | undefined): boolean =>
    timingSafeEqual(given, Buffer.from((stored?.digest ?? "").padEnd(given.length)))
  if (isOf(secret)) return "verified"
  return isOf(replacedSecret) ? "superseded" : "failed"
}

const nobody: Pick<RegisteredClient, "secret" | "replacedSecret"> = { secret: null }

/** What was used up to prove these credentials: a condition of whatever is done with them. */
export const usedBy = ({ claims }: Credentials) => (claims === undefined ? undefined : { claims })

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

/** The confidential client that these credentials prove to be, disabled or not. */
export const provenClient = (
  client: Client,
  credentials: Credentials,
  now: EpochMillis,
): RegisteredClient | undefined =>
  client._tag === "Registered" &&
  !isPublic(client) &&
  isAuthenticated(client, authenticationOf(client, credentials), now)
    ? client
    : undefined

const Overlap = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: MAX_OVERLAP_SECONDS }))
const overlapOf = readerOf(
  Overlap,
  "invalid_request",
  `overlapSeconds is no whole number from 0 to ${MAX_OVERLAP_SECONDS}`,
)

const idToRegister = readerOf(ClientId, "invalid_client_metadata", "client_id is not well-formed")
const audienceToRegister = readerOf(Resource, "invalid_client_metadata", "audience is not well-formed")

const originOf = (client: Client): ClientOrigin => (client._tag === "Registered" ? client.origin : "operator")

export const clientOperations = (context: HandlerContext, settings: Settings, features: Features) => {
  const { log, randomness, time } = context
  const { appSchemes, registrationGrants } = settings
  const registering = Semaphore.makeUnsafe(1)
  const informationOf = (client: RegisteredClient, secret?: string) => clientInformation(client, settings, secret)

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
    { clientId, clientSecret, audience }: Omit<NewClient, "metadata" | "origin">,
    metadata: ClientMetadata,
  ) {
    const id = yield* idToRegister(clientId ?? mintClientId(randomness))
    //= CIMD-7-own-ids
    if (!isPortable(id)) {
      return yield* oauthError("invalid_client_metadata", "client_id has other characters than A-Z a-z 0-9 - . _ ~")
    }
    const resource = audience === undefined ? null : yield* audienceToRegister(audience)
    const secret =
      clientSecret === undefined
        ? usesSecret(metadata)
          ? mintClientSecret(randomness)
          : undefined
        : yield* Effect.fromResult(chosenSecret(clientSecret))
    const { reply } = yield* execute(context, { clientId: id }, origin === "operator" ? OPERATOR : id, () => {
      const at = time.now()
      const command = (isQuotaLeft: boolean): CommandOf<"RegisterClient"> => ({
        _tag: "RegisterClient",
        clientId: id,
        metadata,
        secret: secret === undefined ? null : storedSecret(secret, origin, at),
        audience: resource,
        origin,
        appSchemes,
        isQuotaLeft,
        at,
      })
      return origin === "operator"
        ? command(true)
        : Effect.map(log.rows.dynamicClientCount(), (count) => command(count < settings.maxDynamicClients))
    })
    return informationOf(yield* storedOrFail(reply), secret)
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

  const registerItself = (chosen: Omit<NewClient, "metadata" | "origin">, metadata: ClientMetadata) => {
    const fault = metadataFault(metadata, appSchemes)
    return fault === undefined
      ? // INVARIANT: the quota is counted and used by one registration after the other, however many come at once.
        registering.withPermits(1)(
          Effect.andThen(
            admitRegistration,
            // A registration that is refused after this has appended nothing.
            Effect.tapError(Effect.andThen(makeRoom, register("dynamic", chosen, metadata)), () =>
              Effect.sync(() => pace.giveBack("registration")),
            ),
          ),
        )
      : Effect.fail(oauthError(fault.error, fault.description))
  }

  return {
    clients: ({ limit = DEFAULT_PAGE, ...page } = {}) =>
      Effect.map(orUnavailable(log.rows.clients({ ...page, limit })), (clients) => clients.map(({ state }) => state)),
    registerClient: (input) =>
      settings.registration === "off"
        ? Effect.fail(oauthError("access_denied", "clients cannot register themselves here; ask the operator"))
        : Effect.flatMap(Effect.fromResult(readAs("dynamic", input)), (metadata) => registerItself({}, metadata)),
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
        return informationOf(updated, updated.secret?.digest === digestOf(secret) ? secret : undefined)
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
        return informationOf(yield* storedOrFail(reply), secret)
      }),
    disableClient: onClient("DisableClient"),
    enableClient: onClient("EnableClient"),
    deleteClient: onClient("DeleteClient"),
  } satisfies Partial<AuthorizationServer>
}

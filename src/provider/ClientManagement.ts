/**
 * A client reads, changes and deletes its own registration, by the token that it got with it (RFC 7592).
 *
 * Whatever is wrong with the token or the client that it is for is one answer. A change replaces what was registered as a
 * whole, is judged like a registration and counts as one for the limit that all share.
 */
import { timingSafeEqual } from "node:crypto"
import * as Effect from "effect/Effect"
import { isObject } from "../protocol/Shape.ts"
import type { EpochMillis, RegisteredClient } from "../core/index.ts"
import type { ClientParts } from "./ClientParts.ts"
import { execute, orUnavailable, type HandlerContext } from "./CommandHandler.ts"
import type { Settings } from "./Config.ts"
import { invalidToken } from "./InitialAccess.ts"
import { oauthError, type OAuthError, type RateLimited, type Unavailable } from "./OAuthError.ts"
import { mintClientSecret } from "./Randomness.ts"
import type { OAuthClientInformationFull } from "./Records.ts"
import { doneOrFail, storedOrFail } from "./Replies.ts"
import { digestOf } from "./Token.ts"

/** Which registration, and what proves that it is the caller's own. */
export interface RegistrationAccess {
  readonly clientId: string
  readonly token: string
}

type Managed<A> = Effect.Effect<A, OAuthError | Unavailable | RateLimited>

export interface ClientManagement {
  /** What is registered; without the secret, of which a digest is kept. */
  readonly readRegistration: (access: RegistrationAccess) => Managed<OAuthClientInformationFull>
  /** Replaces it as a whole, and gives a secret that would end before long a successor. */
  readonly replaceRegistration: (access: RegistrationAccess, input: unknown) => Managed<OAuthClientInformationFull>
  /** Ends the registration for good, and every grant of the client with it. */
  readonly deleteRegistration: (access: RegistrationAccess) => Managed<void>
}

const UNKNOWN = "there is no such client any more, or the registration access token is not its own"

/** Members that are the server's to say (RFC 7592 2.2). */
const serverMembers = [
  "registration_access_token",
  "registration_client_uri",
  "client_secret_expires_at",
  "client_id_issued_at",
]

const isDigestOf = (text: string, stored = ""): boolean => {
  const given = Buffer.from(digestOf(text))
  return timingSafeEqual(given, Buffer.from(stored.padEnd(given.length)))
}

export const clientManagement = (
  context: HandlerContext,
  { clientSecretLifetime }: Pick<Settings, "clientSecretLifetime">,
  { readAs, secretFor, storedSecret, informationOf, counted, appSchemes }: ClientParts,
): ClientManagement => {
  const { log, randomness, time } = context

  //= RFC7592-2-unknown-client-401
  const own = Effect.fnUntraced(function* ({ clientId, token }: RegistrationAccess) {
    const { state } = yield* orUnavailable(log.rows.client(clientId))
    if (state._tag !== "Registered" || !isDigestOf(token, state.registrationToken)) return yield* invalidToken(UNKNOWN)
    if (state.status === "disabled")
      return yield* oauthError("access_denied", "the client is disabled; ask the operator")
    return state
  })

  /** The client that is meant is the one that the token is for, and a secret that it names is the one that it has. */
  //= RFC7592-2.2-replace-not-merge
  const faultIn = (client: RegisteredClient, said: Readonly<Record<string, unknown>>): string | undefined => {
    if (said["client_id"] !== client.clientId) return "client_id is not that of the registration"
    const forbidden = serverMembers.find((name) => said[name] !== undefined)
    if (forbidden !== undefined) return `${forbidden} is the server's to say: leave it out`
    const { client_secret: secret } = said
    const isOwn = secret === undefined || (typeof secret === "string" && isDigestOf(secret, client.secret?.digest))
    return isOwn ? undefined : "client_secret is not the one of the client, which chooses none itself"
  }

  /** Whether more than half of its life is over, so that its client needs another one before long. */
  const isEndNear = (expiresAt: EpochMillis): boolean =>
    clientSecretLifetime !== undefined && expiresAt - time.now() < clientSecretLifetime / 2

  /** The secret before is good until it would have ended anyway. */
  const rotated = Effect.fnUntraced(function* ({ clientId }: RegisteredClient, overlapUntil: EpochMillis) {
    const fresh = mintClientSecret(randomness)
    const { reply } = yield* execute(context, { clientId }, clientId, () => ({
      _tag: "RotateClientSecret" as const,
      clientId,
      secret: storedSecret(fresh, "dynamic", time.now()),
      overlapUntil,
      at: time.now(),
    }))
    return informationOf(yield* storedOrFail(reply), { secret: fresh })
  })

  const withToken = (information: OAuthClientInformationFull, { token }: RegistrationAccess) => ({
    ...information,
    registration_access_token: token,
  })

  return {
    readRegistration: (access) => Effect.map(own(access), (client) => withToken(informationOf(client), access)),
    replaceRegistration: (access, input) =>
      Effect.gen(function* () {
        const client = yield* own(access)
        const { clientId } = client
        if (!isObject(input)) return yield* oauthError("invalid_client_metadata", "the body is no JSON object")
        const fault = faultIn(client, input)
        if (fault !== undefined) return yield* oauthError("invalid_client_metadata", fault)
        const metadata = yield* Effect.fromResult(readAs("dynamic", input))
        const secret = mintClientSecret(randomness)
        const { reply } = yield* counted(
          execute(context, { clientId }, clientId, ({ state }) => ({
            _tag: "UpdateClient" as const,
            clientId,
            metadata,
            ...secretFor(metadata, state.client, secret),
            appSchemes,
            at: time.now(),
          })),
        )
        const updated = yield* storedOrFail(reply)
        const end = updated.secret?.expiresAt ?? null
        if (end !== null && isEndNear(end)) return withToken(yield* rotated(updated, end), access)
        const isNew = updated.secret?.digest === digestOf(secret)
        return withToken(informationOf(updated, isNew ? { secret } : {}), access)
      }),
    deleteRegistration: (access) =>
      Effect.gen(function* () {
        const { clientId } = yield* own(access)
        const { reply } = yield* execute(context, { clientId }, clientId, () => ({
          _tag: "DeleteClient" as const,
          clientId,
          at: time.now(),
        }))
        yield* doneOrFail(reply)
      }),
  }
}

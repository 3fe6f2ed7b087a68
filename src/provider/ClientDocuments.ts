/**
 * Clients that are not registered here: what their documents say, read by the source that they are known from.
 *
 * A document is read whenever its client asks for something, and judged like a registration. Nothing of it is stored
 * until somebody approves a request; then the client is known here as it was shown, and what it was granted goes on,
 * whether its document can be read later or not. A client that is registered costs nothing here but the look at its id.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import {
  describedClient,
  metadataFault,
  refusals,
  type Client,
  type ClientDescription,
  type ClientId,
  type ClientMetadata,
  type RedirectUri,
  type RegisteredClient,
} from "../core/index.ts"
import { readClientMetadata } from "./ClientRegistration.ts"
import { execute, orUnavailable, type HandlerContext } from "./CommandHandler.ts"
import type { Settings } from "./Config.ts"
import { clientIdOf, digestOf } from "./Decoding.ts"
import type { ClientDocument, ClientReading } from "./features/clients/ClientDocument.ts"
import type { ClientAuthentication, ClientSource } from "./features/Feature.ts"
import type { Features } from "./features/Features.ts"
import { OAuthError, Unavailable, oauthError } from "./OAuthError.ts"
import { storedOrFail } from "./Replies.ts"
import { digestOf as digestOfText } from "./Token.ts"

type Reads = NonNullable<ClientSource["read"]>

/** A client that asks for something: as it is registered, or as its document says. */
export interface AskingClient {
  readonly client: RegisteredClient
  /** The document that says so, SHA-256 in base64url; `undefined` for who is registered. */
  readonly metadataDigest: string | undefined
}

/** Nobody shares a secret with who publishes all that it says. */
const provesBySecret: ReadonlyArray<ClientAuthentication["reads"]> = ["authorization", "client_secret"]

/**
 * Reads what a document says of the client that it describes: like a registration, but for what takes a secret. Who names
 * no method proves itself by the keys that it publishes, or is public where it publishes none.
 */
//= CIMD-4.1-no-shared-secret
const readClientDocument = (input: object, features: Features, offered: ReadonlyArray<string>) => {
  const said = input as Readonly<Record<string, unknown>>
  const shared = ["client_secret", "client_secret_expires_at"].find((name) => said[name] !== undefined)
  if (shared !== undefined) {
    const description = `the document has ${shared}: what everybody can read is no secret`
    return Result.fail(oauthError("invalid_client_metadata", description))
  }
  const hasKeys = said["jwks"] !== undefined || said["jwks_uri"] !== undefined
  //= CIMD-6.2-confidential-must-auth
  const method = said["token_endpoint_auth_method"] ?? (hasKeys ? "private_key_jwt" : "none")
  const clientAuthentications = features.clientAuthentications.filter(({ reads }) => !provesBySecret.includes(reads))
  const known = { ...said, token_endpoint_auth_method: method }
  return readClientMetadata(known, { ...features, clientAuthentications }, offered)
}

/** Nothing of it is ever stored, for nothing but a denial is decided on it. */
const deniable = (redirectUri: RedirectUri): ClientMetadata => ({
  redirect_uris: [redirectUri],
  token_endpoint_auth_method: "none",
  grant_types: [],
  response_types: [],
})

const unknown = oauthError(...refusals["client-unknown"])

export const clientDocuments = (
  { log, time, ...rest }: HandlerContext,
  { issuer, registrationGrants, appSchemes }: Settings,
  features: Features,
) => {
  const context: HandlerContext = { log, time, ...rest }
  const readerOf = (clientId: string): Reads | undefined =>
    features.clientSources.find(({ isOf }) => isOf(clientId))?.read

  const metadataOf = (said: object) =>
    Result.flatMap(readClientDocument(said, features, registrationGrants), (metadata) => {
      const fault = metadataFault(metadata, appSchemes)
      return fault === undefined ? Result.succeed(metadata) : Result.fail(oauthError(fault.error, fault.description))
    })
  const faultOf: ClientReading["faultOf"] = (said) =>
    Result.match(metadataOf(said), { onSuccess: () => undefined, onFailure: (fault) => fault })

  const registered = (clientId: string) => Effect.map(orUnavailable(log.rows.client(clientId)), ({ state }) => state)

  /** What the document says now of a client that is known like this. */
  const readBy = Effect.fnUntraced(function* (
    read: Reads,
    clientId: ClientId,
    known: Client,
  ): Effect.fn.Return<ClientDescription, OAuthError | Unavailable> {
    if (known._tag === "Deleted") return yield* unknown
    const isKnown = known._tag === "Registered"
    const document = yield* answered(() => read(clientId, { issuer, now: time.now(), isKnown, faultOf }))
    const metadata = yield* Effect.fromResult(metadataOf(document.metadata))
    return { clientId, metadata, metadataDigest: yield* digestOf(document.digest) }
  })

  /** What the document of a client says now; `undefined` for a client of which there is none. */
  const describe = (id: string): Effect.Effect<ClientDescription | undefined, OAuthError | Unavailable> => {
    const read = readerOf(id)
    return read === undefined
      ? Effect.succeed(undefined)
      : Effect.gen(function* () {
          const clientId = yield* clientIdOf(id)
          return yield* readBy(read, clientId, yield* registered(clientId))
        })
  }

  /**
   * The same for whoever says no to it: where the document cannot be read now, no more is known of the client than the
   * redirect URI that the request was taken with, which is enough to be denied.
   */
  const describeForDenial = (clientId: ClientId, redirectUri: RedirectUri): ReturnType<typeof describe> =>
    Effect.catch(describe(clientId), (failure) =>
      failure instanceof OAuthError
        ? Effect.succeed({ clientId, metadata: deniable(redirectUri), metadataDigest: digestOfText(clientId) })
        : Effect.fail(failure),
    )

  return {
    describe,
    describeForDenial,

    /** The client that asks, or why there can be none; `undefined` for one that was never registered. */
    asking: (id: string): Effect.Effect<AskingClient | undefined, OAuthError | Unavailable> =>
      Effect.gen(function* () {
        const read = readerOf(id)
        const known = yield* registered(id)
        if (read === undefined) {
          return known._tag === "Registered" ? { client: known, metadataDigest: undefined } : undefined
        }
        const document = yield* readBy(read, yield* clientIdOf(id), known)
        const client = describedClient(known, document, time.now())
        return client._tag === "Registered" ? { client, metadataDigest: document.metadataDigest } : undefined
      }),

    /** Keeps what a document says, of which somebody approves a request: from now on the client is known here. */
    adopt: Effect.fnUntraced(function* (document: ClientDescription, actor: string) {
      const { clientId } = document
      const { reply } = yield* execute(context, { clientId }, actor, ({ state }) => {
        const kept = { ...document, appSchemes, at: time.now() }
        return state.client._tag === "Registered"
          ? { _tag: "UpdateClient" as const, ...kept }
          : {
              _tag: "RegisterClient" as const,
              ...kept,
              secret: null,
              audience: null,
              origin: "document" as const,
              isQuotaLeft: true,
            }
      })
      yield* storedOrFail(reply)
    }),
  }
}

export type ClientDocuments = ReturnType<typeof clientDocuments>

/** What a source answers, at once or later; what it throws is a defect of it, unless it says that it is an outage. */
const answered = (ask: () => ReturnType<Reads>): Effect.Effect<ClientDocument, OAuthError | Unavailable> =>
  Effect.flatMap(
    Effect.catch(Effect.tryPromise({ try: async () => ask(), catch: (cause) => cause }), (cause) =>
      cause instanceof Unavailable ? Effect.fail(cause) : Effect.die(cause),
    ),
    (read) => (read instanceof OAuthError ? Effect.fail(read) : Effect.succeed(read)),
  )

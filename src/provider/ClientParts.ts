/** What registering clients and managing registrations share: reading, secrets, the answer, and the one limit. */
import type * as Effect from "effect/Effect"
import type * as Result from "effect/Result"
import type {
  Client,
  ClientMetadata,
  ClientOrigin,
  ClientSecret,
  CommandOf,
  EpochMillis,
  RegisteredClient,
} from "../core/index.ts"
import type { OAuthError, RateLimited } from "./OAuthError.ts"
import type { OAuthClientInformationFull } from "./Records.ts"

/** What was made for a client just now: told once. */
export interface Issued {
  readonly secret?: string | undefined
  readonly token?: string | undefined
}

/** What registering and managing a registration share. */
export interface ClientParts {
  readonly readAs: (origin: ClientOrigin, metadata: unknown) => Result.Result<ClientMetadata, OAuthError>
  readonly secretFor: (
    metadata: ClientMetadata,
    client: Client,
    secret: string,
  ) => Pick<CommandOf<"UpdateClient">, "secret">
  readonly storedSecret: (secret: string, origin: ClientOrigin, at: EpochMillis) => ClientSecret
  readonly informationOf: (client: RegisteredClient, issued?: Issued) => OAuthClientInformationFull
  readonly counted: <A, E>(appending: Effect.Effect<A, E>) => Effect.Effect<A, E | RateLimited>
  readonly appSchemes: ReadonlyArray<string>
}

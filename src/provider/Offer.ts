/** What is asked for and what is on offer: scopes and resources as the core knows them. */
import { Effect, Result, Schema } from "effect"
import { Resources, Scopes, resourceKey, type Offer, type Resource } from "../core/index.ts"
import type { EventLog, StoreFault } from "../log/index.ts"
import { isAudience } from "../projection/index.ts"
import type { Settings } from "./Config.ts"
import { oauthError, type OAuthError } from "./OAuthError.ts"

const decodeScopes = Schema.decodeUnknownResult(Scopes)
const decodeResources = Schema.decodeUnknownResult(Resources)

/** The scopes asked for; `null` when none were named, an empty list included. */
//= OAUTH21-3.1-empty-is-absent
export const scopesOf = (asked: ReadonlyArray<string> | undefined): Effect.Effect<Scopes | null, OAuthError> =>
  asked === undefined || asked.length === 0
    ? Effect.succeed(null)
    : Effect.fromResult(
        Result.mapError(decodeScopes([...new Set(asked)]), () =>
          oauthError("invalid_scope", "scope is not a space-separated list of at most 64 scope tokens"),
        ),
      )

/** The resources asked for; `null` when none were named. */
//= RFC8707-2-absolute-no-fragment
export const resourcesOf = (asked: ReadonlyArray<string> | undefined): Effect.Effect<Resources | null, OAuthError> =>
  asked === undefined || asked.length === 0
    ? Effect.succeed(null)
    : Effect.fromResult(
        Result.mapBoth(decodeResources([...new Set(asked)]), {
          onSuccess: (resources) => resources.filter(isFirstSpelling),
          onFailure: () =>
            oauthError(
              "invalid_target",
              "a resource is not an absolute URI without fragment, or there are more than 16",
            ),
        }),
      )

/** Two spellings of one resource are one resource, as it was spelled first. */
const isFirstSpelling = (resource: Resource, index: number, all: Resources): boolean =>
  all.findIndex((one) => resourceKey(one) === resourceKey(resource)) === index

/** What this server offers to a request for these resources; those that a resource server was added for are known. */
export const offerOf = (
  log: EventLog,
  { scopes, defaultScopes, resources, registrationGrants }: Settings,
  asked: Resources,
): Effect.Effect<Offer, StoreFault> =>
  resources === "any"
    ? Effect.succeed({ scopes, defaultScopes, resources: null, registrationGrants })
    : Effect.map(
        log.read((rows) => asked.filter((one) => isAudience(rows, one))),
        (known) => ({ scopes, defaultScopes, resources: [...resources, ...known], registrationGrants }),
      )

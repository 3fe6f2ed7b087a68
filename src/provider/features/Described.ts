/**
 * What every feature says of itself, of whatever kind it is: its name, what it answers for, and what it adds to the metadata
 * and to what clients register. It is data and plain functions that change nothing.
 */
import type { FeatureMember } from "../../core/index.ts"
import type { OAuthClientMetadata } from "../Records.ts"
import type { SigningAlgorithm } from "../signing/SigningKey.ts"
import type { FeatureContext } from "./FeatureContext.ts"

/** What every feature says of itself. */
export interface Described {
  /** As OAuth's registries and the metadata name it; one of each kind has it. */
  readonly name: string
  /** Ids in `spec/requirements` of what the feature as a whole answers. */
  readonly requirements?: ReadonlyArray<string>
  /** More members of the server's metadata (RFC 8414) than its name in the list of its kind. */
  readonly metadata?: (context: Pick<FeatureContext, "issuer">) => Readonly<Record<string, unknown>>
  /** Members of client metadata (RFC 7591 2) that it goes by; a server where no feature does so does not keep them. */
  readonly clientMembers?: ReadonlyArray<FeatureMember>
  /**
   * Why a client that is like this cannot be registered, in a sentence; `undefined` where it can. Asked of a grant type
   * and of a client authentication for clients that use it, of any other feature for all.
   */
  readonly registrationFault?: (metadata: OAuthClientMetadata) => string | undefined
  /** Scopes that there are because of it, whatever the configuration names. */
  readonly scopes?: ReadonlyArray<string>
  /**
   * The algorithms that it signs by. A server with such a feature has signing keys, and publishes them at `jwks_uri`
   * before anything is signed with them.
   */
  readonly signs?: ReadonlyArray<SigningAlgorithm>
}

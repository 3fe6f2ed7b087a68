/**
 * The one judge of who is let in: a token, alive, for this resource, with every scope that is needed.
 *
 * Knows no framework: `Authorization` headers go in, the access or a refusal comes out.
 */
import type { VerifiedAccess } from "../protocol/index.ts"
import type { Verifier } from "./Verifier.ts"
import { audienceJudge } from "./Audience.ts"
import { presentedToken } from "./BearerToken.ts"
import { challenges, comeAgain } from "./Challenge.ts"
import { metadataUrl } from "./Metadata.ts"
import type { ResourceOptions } from "./Options.ts"
import { VerifierUnavailable, type AccessRefused } from "./ResourceError.ts"

export interface GateOptions {
  readonly verifier: Verifier
  /**
   * Told why a token could not be checked, and once why tokens without audience are refused, in a sentence that says what
   * to do; it stays with the operator.
   */
  readonly onUnavailable: (sentence: string, cause?: unknown) => void
}

/** Lets in or rejects with an {@link AccessRefused}. */
export type Gate = (authorization: ReadonlyArray<string>) => Promise<VerifiedAccess>

export const makeGate = (options: ResourceOptions, { verifier, onUnavailable }: GateOptions): Gate => {
  const { resource, scopes = [], impliedScopes = {}, acceptsMissingAudience } = options
  const refused = challenges(metadataUrl(resource), scopes)
  const isForUs = audienceJudge({ resource, acceptsMissingAudience, onMissing: onUnavailable })
  const implied: ReadonlyMap<string, ReadonlyArray<string>> = new Map(Object.entries(impliedScopes))

  const verified = async (token: string): Promise<VerifiedAccess | undefined | null> => {
    try {
      return await verifier.verify(token)
    } catch (cause) {
      throw unavailable(cause, onUnavailable)
    }
  }

  //= OAUTH21-5-rs-validates
  return async (authorization) => {
    const presented = presentedToken(authorization)
    if (presented._tag === "Absent") throw refused("missing_token")
    if (presented._tag === "Malformed") throw refused("invalid_request")
    const access = presented._tag === "Token" ? await verified(presented.token) : undefined
    if (access === undefined || access === null) throw refused("invalid_token")
    // A verifier may be a server itself, which knows such tokens.
    //= RFC9449-7.2-no-bearer-downgrade
    if (access.jkt !== undefined) throw refused("invalid_token")
    if (!isForUs(access)) throw refused("invalid_token")
    //= MCP-AUTHZ-rs-scope-hierarchy
    const allowed = access.scopes.flatMap((scope) => [scope, ...(implied.get(scope) ?? [])])
    if (!scopes.every((scope) => allowed.includes(scope))) throw refused("insufficient_scope")
    return access
  }
}

/** Whatever a verifier rejects with, the token counts as neither good nor bad. */
const unavailable = (cause: unknown, onUnavailable: GateOptions["onUnavailable"]): AccessRefused => {
  if (cause instanceof VerifierUnavailable) {
    onUnavailable(cause.message, cause.cause)
    return comeAgain(cause.retryAfterSeconds)
  }
  onUnavailable("the verifier failed: see the cause, and let it reject with `VerifierUnavailable`", cause)
  return comeAgain(1)
}

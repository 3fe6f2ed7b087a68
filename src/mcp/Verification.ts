/**
 * Verifying for an MCP server: alive, and meant for this very resource.
 *
 * The SDKs compare a token's one `resource` only if told to; a token may have several, so they are compared here. An
 * outage is a `server_error` to them: they answer it with 500, and every other code they do not know with 400.
 */
import { addressFault } from "../protocol/index.ts"
import {
  audienceJudge,
  checkedStepUp,
  isBearerToken,
  isLoginEnough,
  VerifierUnavailable,
  warnOnce,
  type StepUpDemand,
  type Verifier,
} from "../resource/index.ts"
import { authInfoOf, type AuthInfo } from "./AuthInfo.ts"
import { McpFault } from "./McpFault.ts"

/** Who judges tokens, and which resource they have to be for. */
export interface VerificationOptions {
  /** Who says what a token is worth: `inProcessVerifier`, `introspectionVerifier`, or one of your own. */
  readonly verifier: Verifier
  /** The MCP server's own URL: what tokens must be for. */
  readonly resource: string
  /** Whether a token that names no resource at all (no `aud`) is let in, as in `protectResource`; no by default. */
  readonly acceptsMissingAudience?: boolean
  /**
   * How whoever is behind a token has to have signed in (RFC 9470), as in `protectResource`; in whatever way by default. The
   * SDKs' challenges cannot say what is demanded: a client that is to follow it needs `protectResource` in front.
   */
  readonly stepUp?: StepUpDemand
  /**
   * Told why a token could not be checked, and once why tokens without audience are refused; by default each sentence is a
   * warning of the process, once.
   */
  readonly onUnavailable?: (sentence: string, cause?: unknown) => void
}

/** An SDK's own errors, by what they mean. */
export interface SdkErrors {
  readonly invalidToken: (message: string) => Error
  readonly serverError: (message: string) => Error
  /** RFC 9470 3, answered like an invalid token; absent where the SDK has no way to say so. */
  readonly insufficientAuthentication?: (message: string) => Error
}

/** The SDK's `verifyAccessToken`. */
export const verification = (
  { verifier, resource, acceptsMissingAudience, stepUp, onUnavailable = warnOnce() }: VerificationOptions,
  errors: SdkErrors,
): ((token: string) => Promise<AuthInfo>) => {
  const fault = addressFault(resource)
  if (fault !== undefined) {
    throw new McpFault({ code: "resource_invalid", message: `resource \`${resource}\` ${fault}` })
  }
  if (typeof verifier?.verify !== "function") {
    const message = "verifier has no method `verify`: give it one of `inProcessVerifier` or `introspectionVerifier`"
    throw new McpFault({ code: "verifier_invalid", message })
  }
  const demand = stepUp === undefined ? {} : checkedStepUp("stepUp", stepUp)
  const isForUs = audienceJudge({ resource, acceptsMissingAudience, onMissing: onUnavailable })
  const verified = async (token: string) => {
    try {
      return await verifier.verify(token)
    } catch (cause) {
      const isTold = cause instanceof VerifierUnavailable
      onUnavailable(isTold ? cause.message : "the verifier failed: see the cause", isTold ? cause.cause : cause)
      throw errors.serverError("access tokens cannot be checked at the moment: try again")
    }
  }
  return async (token) => {
    const access = isBearerToken(token) ? await verified(token) : undefined
    //= RFC9449-7.2-no-bearer-downgrade
    if (access === undefined || access === null || access.jkt !== undefined || !isForUs(access)) {
      throw errors.invalidToken("the access token is unknown, expired, revoked or for another resource")
    }
    if (!isLoginEnough(access, demand)) {
      throw (errors.insufficientAuthentication ?? errors.invalidToken)(
        "the person signed in too long ago or too weakly",
      )
    }
    return authInfoOf(access, resource)
  }
}

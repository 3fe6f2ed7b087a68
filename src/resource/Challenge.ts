/**
 * How a request is refused: the challenges of RFC 6750, RFC 9449 and RFC 9470, in the form that MCP clients find their way by.
 *
 * Every challenge says where the metadata is and which scopes are needed, all at once. None says anything about a token
 * beyond that it will not do.
 */
import { INSUFFICIENT_AUTHENTICATION, formatChallenge, type TokenScheme } from "../protocol/index.ts"
import { AccessRefused, type RefusalCode } from "./ResourceError.ts"
import type { StepUpDemand } from "./StepUp.ts"

interface Refusal {
  readonly status: number
  /** What the client can do about it. */
  readonly message: string
}

//= MCP-AUTHZ-rs-401-403
const refusals = {
  missing_token: { status: 401, message: "send an access token in the header Authorization: Bearer" },
  invalid_request: { status: 400, message: "send one Authorization header with one token" },
  //= RFC6750-3.1-invalid-token-401
  invalid_token: { status: 401, message: "the access token is unknown, expired, revoked or for another resource" },
  //= RFC6750-3.1-insufficient-scope-403
  insufficient_scope: { status: 403, message: "the access token does not allow this: ask for every scope named" },
  //= RFC9470-3-challenge
  [INSUFFICIENT_AUTHENTICATION]: {
    status: 401,
    message: "the person signed in too long ago or too weakly for this: have them sign in again, as is demanded",
  },
  invalid_dpop_proof: { status: 401, message: "the DPoP proof is not right for this request" },
  use_dpop_nonce: { status: 401, message: "put the nonce of the DPoP-Nonce header into the proof" },
} as const satisfies Partial<Record<RefusalCode, Refusal>>

const bodyOf = (code: RefusalCode, message: string): string =>
  JSON.stringify(
    code === "missing_token" ? { error_description: message } : { error: code, error_description: message },
  )

const EXPOSED = "WWW-Authenticate, Retry-After"

/** The page that asked may read it, whatever its origin: a challenge is how its client finds the way. */
const headers = {
  "content-type": "application/json",
  "cache-control": "no-store",
  "access-control-allow-origin": "*",
  "access-control-expose-headers": EXPOSED,
}

/** How tokens may be used here, and what is told of it. */
export interface Invitation {
  readonly metadataUrl: string
  readonly scopes: ReadonlyArray<string>
  /** What who has no token is told to do: the schemes, in the order of the challenges. */
  readonly schemes: ReadonlyArray<TokenScheme>
  /** In which proofs may be signed. */
  readonly algorithms: ReadonlyArray<string>
  /** How whoever is behind a token has to have signed in. */
  readonly stepUp: StepUpDemand
}

/** What is known of the request that is refused. */
export interface Refused {
  /** The scheme that a token came by, if one did. */
  readonly scheme?: TokenScheme
  /** What is wrong, in the words of whoever found it; by default the words of the code. */
  readonly message?: string
  /** The nonce that the next proof needs. */
  readonly nonce?: string | undefined
}

/** Refuses with a challenge for each scheme; what is wrong stands with the one that was tried. */
export const challenges = ({
  metadataUrl,
  scopes,
  schemes,
  algorithms,
  stepUp,
}: Invitation): ((code: keyof typeof refusals, refused?: Refused) => AccessRefused) => {
  //= MCP-AUTHZ-rs-scope-challenge
  const invitation = { resourceMetadata: metadataUrl, scopes }
  return (code, { scheme = schemes[0]!, message = refusals[code].message, nonce } = {}) => {
    //= OAUTH21-5.3.2-no-error-when-no-token
    const reason = {
      ...(code === "missing_token" ? {} : { error: code, description: message }),
      ...(code === INSUFFICIENT_AUTHENTICATION ? stepUp : {}),
    }
    const told: ReadonlyArray<TokenScheme> = scheme === "DPoP" ? [scheme] : schemes
    const blamed = told.includes(scheme) ? scheme : told[0]
    const challenge = told.map((one) =>
      formatChallenge({
        ...invitation,
        scheme: one,
        ...(one === blamed ? reason : {}),
        ...(one === "DPoP" ? { algorithms } : {}),
      }),
    )
    const more =
      nonce === undefined ? {} : { "dpop-nonce": nonce, "access-control-expose-headers": `${EXPOSED}, DPoP-Nonce` }
    const reply = {
      status: refusals[code].status,
      headers: { ...headers, "www-authenticate": challenge.join(", "), ...more },
      body: bodyOf(code, message),
    }
    return new AccessRefused({ code, message, reply })
  }
}

/** An outage says nothing about the token, so that no client throws it away: no challenge, but when to come again. */
export const comeAgain = (retryAfterSeconds: number): AccessRefused => {
  const code = "temporarily_unavailable"
  const message = "access tokens cannot be checked at the moment: try again"
  const retryAfter = { "retry-after": String(retryAfterSeconds) }
  return new AccessRefused({
    code,
    message,
    reply: { status: 503, headers: { ...headers, ...retryAfter }, body: bodyOf(code, message) },
  })
}

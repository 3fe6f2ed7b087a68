/**
 * Asking for a code, and whether the answer is one (OAuth 2.1 4.1, RFC 7636, RFC 9207, RFC 8707).
 *
 * A pending login is made for one server. Whatever comes back is held against that pending login and nothing
 * else: not the address it came to, not what the answer says of itself.
 */
import * as protocol from "oauth4webapi"
import { AuthorizationError } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { brief, quoted } from "../ForeignText.ts"
import { member } from "../LenientReading.ts"
import { INSUFFICIENT_AUTHENTICATION, type Challenge } from "../../protocol/index.ts"
import type { ProofKey } from "../storage/TokenStorage.ts"
import { thumbprintOf } from "../tokens/KeyProof.ts"
import type { Outbound } from "../Outbound.ts"
import type { Registered } from "../registration/Registration.ts"
import { isPushed, pushed } from "./PushedRequest.ts"

/** What a resource demands of the login (RFC 9470 section 3). */
export type LoginDemand = Pick<Challenge, "acrValues" | "maxAgeSeconds">

/** What a challenge says of the login; nothing where its complaint is another. */
export const loginDemandOf = ({ error, acrValues, maxAgeSeconds }: Challenge = {}): LoginDemand =>
  error === INSUFFICIENT_AUTHENTICATION
    ? { ...member("acrValues", acrValues), ...member("maxAgeSeconds", maxAgeSeconds) }
    : {}

/** One login, from the link to the code; holds the verifier, so it is as secret as a token. */
export interface PendingLogin extends LoginDemand {
  /** The server that it is at. */
  readonly discovered: Discovered
  /** The client that logs in. */
  readonly registered: Registered
  /** Where the answer comes. */
  readonly redirectUri: string
  /** The scopes that are asked for. */
  readonly scopes: ReadonlyArray<string>
  /** What the answer must bring back (RFC 6749 section 10.12). */
  readonly state: string
  /** What the code is redeemed with (RFC 7636 section 4.1): a secret. */
  readonly codeVerifier: string
  /** The key that the tokens are to be bound to, and that alone redeems the code. */
  readonly proofKey?: ProofKey
  /** Where the browser goes. */
  readonly authorizationUrl: string
}

export type PendingLoginRequest = Omit<PendingLogin, "state" | "codeVerifier" | "authorizationUrl">

/** Begins a login. Nothing is sent, unless the server takes pushed requests alone. */
export const beginLogin = async (outbound: Outbound, request: PendingLoginRequest): Promise<PendingLogin> => {
  const { discovered, registered, redirectUri, scopes, acrValues, maxAgeSeconds, proofKey } = request
  const state = protocol.generateRandomState()
  const codeVerifier = protocol.generateRandomCodeVerifier()
  const url = new URL(discovered.server.metadata.authorization_endpoint)
  const parameters = {
    response_type: "code",
    client_id: registered.client.client_id,
    //= OAUTH21-2.3.2-redirect-required-if-many
    redirect_uri: redirectUri,
    state,
    //= OAUTH21-4.1.1-pkce-s256-client
    code_challenge: await protocol.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: "S256",
    //= MCP-AUTHZ-client-resource-param
    resource: discovered.resource,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    //= RFC9470-4-client-asks-anew
    ...(acrValues === undefined ? {} : { acr_values: acrValues.join(" ") }),
    ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
    ...(proofKey === undefined ? {} : { dpop_jkt: await thumbprintOf(proofKey) }),
    // OpenID Connect Core 11: without asking, no server gives offline access.
    ...(scopes.includes("offline_access") ? { prompt: "consent" } : {}),
  }
  const { server } = discovered
  const carried = isPushed(server) ? await pushed(outbound, server, registered, parameters) : parameters
  for (const [name, value] of Object.entries(carried)) url.searchParams.set(name, value)
  return { ...request, state, codeVerifier, authorizationUrl: url.href }
}

/** An answer that belongs to its pending login; the library takes no other for a code exchange. */
export type AuthorizationResponse = URLSearchParams

/** Holds an authorization response against its login; throws an {@link AuthorizationError} before anything is sent anywhere. */
//= OAUTH21-2.3.3-client-csrf
//= STU-2.3-same-user-completes
//= RFC9207-2.4-client-rejects-mismatch
//= MCP-AUTHZ-client-iss
export const validateResponse = (pending: PendingLogin, parameters: URLSearchParams): AuthorizationResponse => {
  const { discovered, registered, state } = pending
  const { issuer, metadata } = discovered.server
  if (!parameters.getAll("state").includes(state)) {
    const message = "the answer belongs to another login, or to none: start again and use the newest link"
    throw new AuthorizationError({ code: "state_mismatch", message })
  }
  const [iss, ...others] = parameters.getAll("iss")
  const isMissing = iss === undefined && metadata.authorization_response_iss_parameter_supported === true
  if (isMissing || others.length > 0 || (iss !== undefined && iss !== issuer)) {
    const message = `the answer is not from ${quoted(issuer)}${iss === undefined ? "" : ` but names ${quoted(iss)}`}: its code was not used; do not try again unless you know why`
    throw new AuthorizationError({ code: "issuer_mismatch", message })
  }
  try {
    const answer = protocol.validateAuthResponse(
      metadata as protocol.AuthorizationServer,
      { client_id: registered.client.client_id },
      parameters,
      state,
    )
    const [code, ...others] = answer.getAll("code")
    if (code && others.length === 0) return answer
  } catch (cause) {
    if (cause instanceof protocol.AuthorizationResponseError) throw refusal(cause)
    // What the library says of it may repeat the code.
    throw malformed()
  }
  throw malformed()
}

const refusal = (cause: protocol.AuthorizationResponseError): AuthorizationError => {
  const { error_description: description } = cause
  const error = brief(cause.error)
  const why = description === undefined ? error : `${error}: ${brief(description)}`
  const advice = error === "access_denied" ? "to go on, log in and allow it" : "start again"
  return new AuthorizationError({ code: "refused", error, message: `the server said no (${why}); ${advice}`, cause })
}

const malformed = (): AuthorizationError =>
  new AuthorizationError({
    code: "response_malformed",
    message: "the answer has no single code and no error: start again",
  })

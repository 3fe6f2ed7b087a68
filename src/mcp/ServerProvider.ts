/**
 * grantlog behind `mcpAuthRouter` of the MCP TypeScript SDK 1.x.
 *
 * That router compares client secrets in clear, and takes a client whose secret it is not given for a public one. No
 * secret is ever given here, so that only public clients are served; confidential ones are refused with a sentence. It
 * also sends a browser to the client with an error before anybody was asked. `createHandler` serves both kinds of client,
 * and sends nobody anywhere before that.
 */
import * as Effect from "effect/Effect"
import { includesResource } from "../protocol/index.ts"
import {
  OAuthError,
  RateLimited,
  effectsOf,
  toOAuthProvider,
  type ApprovalPolicy,
  type AuthorizationServer,
  type Failure,
  type OAuthClientInformationFull,
  type OAuthToken,
  type ServedBy,
  type Settings,
} from "../provider/index.ts"
import { inProcessVerifier, warnOnce } from "../resource/index.ts"
import { McpFault } from "./McpFault.ts"
import { verification, type VerificationOptions } from "./Verification.ts"
import { loadErrors, sdkErrors } from "./v1Errors.ts"
import type { OAuthTokenVerifier } from "./v2.ts"

/** The SDK's client record: ours, with lists that may be written to. */
export type SdkClient = {
  -readonly [Name in keyof OAuthClientInformationFull]: OAuthClientInformationFull[Name] extends
    ReadonlyArray<string> | undefined
    ? Array<string>
    : OAuthClientInformationFull[Name]
}

/** What is asked of a client's request for a code. */
export interface SdkAuthorizationParams {
  state?: string | undefined
  scopes?: ReadonlyArray<string> | undefined
  codeChallenge: string
  redirectUri: string
  resource?: URL | undefined
}

/** The SDK's `OAuthServerProvider`. */
export interface OAuthServerProvider extends OAuthTokenVerifier {
  /** The server judges verifiers itself. */
  readonly skipLocalPkceValidation: true
  /** Where the SDK looks clients up and registers them. */
  readonly clientsStore: {
    getClient(clientId: string): Promise<SdkClient | undefined>
    /** Absent where clients cannot register themselves. */
    registerClient?(client: object): Promise<SdkClient>
  }
  /** Sends the browser on by `response`. */
  authorize(
    client: { client_id: string },
    params: SdkAuthorizationParams,
    response: { redirect(status: number, url: string): unknown },
  ): Promise<void>
  /** The challenge that the code was asked for with (RFC 7636 section 4.2). */
  challengeForAuthorizationCode(client: { client_id: string }, code: string): Promise<string>
  /** The tokens for a code. */
  exchangeAuthorizationCode(
    client: { client_id: string },
    code: string,
    codeVerifier?: string,
    redirectUri?: string,
    resource?: URL,
  ): Promise<OAuthToken>
  /** The tokens for a refresh token. */
  exchangeRefreshToken(
    client: { client_id: string },
    refreshToken: string,
    scopes?: ReadonlyArray<string>,
    resource?: URL,
  ): Promise<OAuthToken>
  /** Ends a token (RFC 7009). */
  revokeToken(client: { client_id: string }, request: { token: string }): Promise<void>
}

/** Who approves, and which resource tokens have to be for. */
export interface ServerProviderOptions extends ApprovalPolicy, Omit<VerificationOptions, "verifier"> {}

/**
 * The router writes issuers as `URL` does, and listens at `/authorize` below no path. A resource that only a client with an
 * `audience` makes known is not looked for: that one may come and go, while this provider stays.
 */
const faultOf = (
  { issuer, resources }: Settings,
  { approve, resource }: ServerProviderOptions,
): McpFault | undefined => {
  const { href, pathname } = new URL(issuer)
  if (href !== issuer) {
    const message = `mcpAuthRouter writes the issuer as \`${href}\`, and clients compare strings: configure it like that`
    return new McpFault({ code: "issuer_mismatch", message })
  }
  if (approve === undefined && pathname === "/") {
    const message =
      "mcpAuthRouter listens where people would sign in: give `approve`, or an issuer with a path and `createHandler` there"
    return new McpFault({ code: "sign_in_missing", message })
  }
  if (resources === "any" || includesResource(resources, resource)) return undefined
  const message = `the server gives no tokens for \`${resource}\`: add it to \`resources\` in its configuration`
  return new McpFault({ code: "resource_unknown", message })
}

const CONFIDENTIAL = "mcpAuthRouter compares client secrets in clear, so that only public clients are served"

/** Makes the provider; rejects with an `McpFault` that says what to change. */
export const serverProvider = async (
  server: ServedBy<AuthorizationServer>,
  { approve, policyName, ...options }: ServerProviderOptions,
): Promise<OAuthServerProvider> => {
  const effects = effectsOf(server)
  const { settings } = effects
  const policy = { ...(approve && { approve }), ...(policyName && { policyName }) }
  const fault = faultOf(settings, { ...policy, ...options })
  if (fault !== undefined) throw fault

  const errors = await loadErrors()
  const provider = toOAuthProvider(effects, policy)
  const { onUnavailable = warnOnce() } = options
  const verifier = inProcessVerifier(effects)
  // INVARIANT: nobody is vouched for: without its secret a confidential client is refused, whatever the router thinks of it.
  const publicClient = (client: { client_id: string }) => ({ clientId: client.client_id })
  // The router splits at every space: an empty scope, or one with a space before it, would be a scope without a name.
  const forScopes = (scopes: ReadonlyArray<string> = []) => {
    const named = scopes.filter((scope) => scope !== "")
    return named.length === 0 ? {} : { scopes: named }
  }
  const forResource = (resource: URL | undefined) => (resource === undefined ? {} : { resource: [resource.href] })

  const inSdkTerms = (failure: unknown): unknown => {
    if (failure instanceof OAuthError) {
      const { error, description } = failure
      const Known = Object.entries(errors.OAUTH_ERRORS).find(([code]) => code === error)?.[1]
      return Known === undefined ? new errors.CustomOAuthError(error, description) : new Known(description)
    }
    if (failure instanceof RateLimited) return new errors.TooManyRequestsError(failure.message)
    onUnavailable(failure instanceof Error ? failure.message : "the server failed: see the cause", failure)
    return new errors.ServerError("nothing was decided: try again")
  }
  const told = <A>(answer: Promise<A>): Promise<A> =>
    answer.catch((failure: unknown) => {
      throw inSdkTerms(failure)
    })
  const run = <A>(effect: Effect.Effect<A, Failure>): Promise<A> => told(Effect.runPromise(effect))

  const findClient = async (clientId: string, find: typeof effects.findClient = effects.knownClient) => {
    const client = await run(find(clientId))
    if (client === undefined || client.token_endpoint_auth_method === "none") return client
    throw new errors.InvalidClientError(CONFIDENTIAL)
  }
  const registerClient = async (metadata: object): Promise<SdkClient> => {
    const method = "token_endpoint_auth_method" in metadata ? metadata.token_endpoint_auth_method : undefined
    if (method !== "none") {
      throw new errors.InvalidClientMetadataError(`${CONFIDENTIAL}: set token_endpoint_auth_method to none`)
    }
    // The router has made up an id; ours is minted by the server, and answered.
    return (await run(effects.registerClient(metadata))) as SdkClient
  }

  return {
    skipLocalPkceValidation: true,
    clientsStore: {
      getClient: async (clientId) => (await findClient(clientId)) as SdkClient | undefined,
      ...(settings.registration === "open" && { registerClient }),
    },
    authorize: async (client, { state, scopes, codeChallenge, redirectUri, resource }, response) => {
      const known = await findClient(client.client_id, effects.findClient)
      if (known === undefined) throw new errors.InvalidClientError("the client is unknown")
      const params = {
        ...(state === undefined ? {} : { state }),
        ...forScopes(scopes),
        ...forResource(resource),
        codeChallenge,
        redirectUri,
        redirectUriProvidedExplicitly: true,
      }
      response.redirect(302, await told(provider.authorize(known, params)))
    },
    challengeForAuthorizationCode: async (client, code) => {
      const record = await run(effects.loadCode(client.client_id, code))
      if (record === undefined) throw new errors.InvalidGrantError("the code is not one of this client")
      return record.codeChallenge
    },
    exchangeAuthorizationCode: (client, code, codeVerifier, redirectUri, resource) =>
      run(
        effects.redeemCode({
          credentials: publicClient(client),
          code,
          ...(codeVerifier === undefined ? {} : { codeVerifier }),
          ...(redirectUri === undefined ? {} : { redirectUri }),
          ...forResource(resource),
        }),
      ),
    exchangeRefreshToken: (client, refreshToken, scopes, resource) =>
      run(
        effects.refresh({
          credentials: publicClient(client),
          refreshToken,
          ...forScopes(scopes),
          ...forResource(resource),
        }),
      ),
    verifyAccessToken: verification({ ...options, onUnavailable, verifier }, sdkErrors(errors)),
    revokeToken: (client, { token }) => run(effects.revokeToken({ credentials: publicClient(client), token })),
  }
}

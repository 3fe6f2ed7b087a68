/**
 * Our server as a ten-method provider.
 *
 * `authorize` gives the address of our `/authorize`; or, with `approve`, asks that policy who approves and gives the
 * client's redirect at once.
 */
import * as Effect from "effect/Effect"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import type { Proof } from "./TokenRequests.ts"
import { effectsOf, type ServedBy } from "./ServedBy.ts"
import { requestOf } from "./GrantOperations.ts"
import type { OAuthProvider } from "./OAuthProvider.ts"
import { redirectWith } from "./RedirectResponse.ts"
import type { AuthorizationParams, OAuthClientInformationFull } from "./Records.ts"

/** Who approves what, without anybody being asked. */
export interface ApprovalPolicy {
  /** The account that approves; `undefined` denies. `params` has the scopes and resources that would be granted. */
  readonly approve?: (
    client: OAuthClientInformationFull,
    params: AuthorizationParams,
  ) => Promise<string | undefined> | string | undefined
  /** What the log names the policy, as the basis of every grant it approves. */
  readonly policyName?: string
}

/** Where our own pages are: the address of `/authorize` with the request in it. */
const authorizeAddress = (issuer: string, client: OAuthClientInformationFull, params: AuthorizationParams): string => {
  const address = redirectWith(`${issuer.replace(/\/$/, "")}/authorize`, {
    response_type: "code",
    client_id: client.client_id,
    redirect_uri: params.redirectUriProvidedExplicitly ? params.redirectUri : undefined,
    code_challenge: params.codeChallenge,
    code_challenge_method: "S256",
    scope: params.scopes?.length ? params.scopes.join(" ") : undefined,
    state: params.state,
  })
  return (params.resource ?? []).reduce((url, resource) => redirectWith(url, { resource }), address)
}

/**
 * A server as a provider of the ten-method contract; its errors are the server's own.
 *
 * @example
 * import { authorizationServer, ephemeralKeys, memoryStore, toOAuthProvider } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const provider = toOAuthProvider(server, { approve: () => "alice" })
 * const unknown = await provider.getClient("nobody")
 */
export const toOAuthProvider = (
  server: ServedBy<AuthorizationServer>,
  { approve, policyName = "approve" }: ApprovalPolicy = {},
): OAuthProvider => {
  const effects = effectsOf(server)
  const { issuer } = effects.settings
  const trusted = (clientId: string) => ({ clientId, isAuthenticated: true as const })

  const requestFor = (client: OAuthClientInformationFull, params: AuthorizationParams) => ({
    clientId: client.client_id,
    request: requestOf(params),
    scopes: params.scopes ?? null,
    resources: params.resource ?? [],
  })

  const approved = async (client: OAuthClientInformationFull, params: AuthorizationParams, name: string) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const approvedAt = effects.now()
        const { subjectId } = yield* effects.accounts.ensure(name, approvedAt)
        const approval = { _tag: "Policy" as const, subjectId, approvedAt, policy: policyName }
        return yield* effects.openGrant({ ...requestFor(client, params), approval })
      }),
    )

  return {
    capabilities: { isJudge: true, isRefreshRetryable: true },
    getClient: (clientId) => Effect.runPromise(effects.knownClient(clientId)),
    registerClient: async ({ client_id, client_secret, ...metadata }) => {
      const secret = client_secret === undefined ? {} : { clientSecret: client_secret }
      await Effect.runPromise(effects.addClient({ metadata, clientId: client_id, origin: "dynamic", ...secret }))
    },
    authorize: async (client, params) => {
      if (approve === undefined) return authorizeAddress(issuer, client, params)
      const { state, redirectUri } = params
      const { scopes, resources } = await Effect.runPromise(effects.preview(requestFor(client, params)))
      const offered = { ...params, scopes, resource: resources }
      const name = await approve(client, offered)
      if (name === undefined) return redirectWith(redirectUri, { error: "access_denied", state, iss: issuer })
      const { code } = await approved(client, offered, name)
      return redirectWith(redirectUri, { code, state, iss: issuer })
    },
    loadAuthorizationCode: (client, code) => Effect.runPromise(effects.loadCode(client.client_id, code)),
    exchangeAuthorizationCode: (client, { code }, proof: Proof = {}) =>
      Effect.runPromise(effects.redeemCode({ ...proof, credentials: trusted(client.client_id), code })),
    loadRefreshToken: (client, token) => Effect.runPromise(effects.loadRefreshToken(client.client_id, token)),
    exchangeRefreshToken: (client, { token }, scopes, { resource, jkt }: Proof = {}) =>
      Effect.runPromise(
        effects.refresh({
          credentials: trusted(client.client_id),
          refreshToken: token,
          scopes,
          ...(resource === undefined ? {} : { resource }),
          ...(jkt === undefined ? {} : { jkt }),
        }),
      ),
    loadAccessToken: (token) => Effect.runPromise(effects.verify(token)),
    verifyToken: (token) => Effect.runPromise(effects.verify(token)),
    revokeToken: ({ clientId, token }, { cascade = true } = {}) =>
      Effect.runPromise(effects.revokeToken({ credentials: trusted(clientId), token, cascade })),
    authenticateClient: async (clientId, clientSecret) =>
      (await Effect.runPromise(effects.authenticateClient({ clientId, clientSecret }))) !== undefined,
    audienceOf: async (clientId) => {
      const client = await Effect.runPromise(effects.client(clientId))
      return client?.status === "enabled" ? (client.audience ?? undefined) : undefined
    },
  }
}

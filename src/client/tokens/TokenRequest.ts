/**
 * The token endpoint: a code, a device code or a refresh token goes out, tokens come back (OAuth 2.1 3.2).
 *
 * What goes wrong is told apart by what it means for what is stored: only `invalid_grant`, and what servers write for it,
 * says that it is dead. Nothing is retried here, no redirect is followed, and no error repeats what was sent.
 */
import * as protocol from "oauth4webapi"
import type { AuthorizationResponse, PendingLogin } from "../authorization/PendingLogin.ts"
import { clientAuthentication } from "./ClientAuthentication.ts"
import { TokenError } from "../ClientError.ts"
import { endOfLife, refreshTokenOf } from "./RefreshPolicy.ts"
import { requestOptions, type Fetch, type Outbound } from "../Outbound.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { quoted } from "../ForeignText.ts"
import { member } from "../LenientReading.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import type { ProofKey, StoredClient, StoredTokens } from "../storage/TokenStorage.ts"
import { postProven } from "./KeyProof.ts"
import { refused, unreachable } from "./TokenFault.ts"
import { readTokenResponse } from "./TokenResponse.ts"
import type { OAuthToken } from "../../protocol/index.ts"

/** Redeems the code of a judged answer, at the server of the login. */
//= OAUTH21-7.15-client-issuer-binding
export const exchange = async (
  outbound: Outbound,
  pending: PendingLogin,
  answer: AuthorizationResponse,
): Promise<StoredTokens> => {
  const { discovered, registered, redirectUri, codeVerifier, scopes, proofKey } = pending
  const { server, resource } = discovered
  const sentAt = outbound.now()
  const secrets = [answer.get("code") ?? undefined, codeVerifier, registered.client.client_secret]
  const tokens = await askForTokens(outbound, server, secrets, proofKey, (fetch) =>
    protocol.authorizationCodeGrantRequest(
      server.metadata as protocol.AuthorizationServer,
      { client_id: registered.client.client_id },
      clientAuthentication(registered.client, server, outbound),
      answer,
      redirectUri,
      codeVerifier,
      { ...requestOptions(fetch), additionalParameters: { resource } },
    ),
  )
  return stored(server.issuer, sentAt, proofKey, {
    ...member("scope", scopeOf(scopes)),
    ...tokens,
  })
}

/** A device's question whether somebody has answered for it (RFC 8628 3.4). */
export interface DeviceTokenRequest {
  readonly discovered: Discovered
  readonly registered: StoredClient
  readonly scopes: ReadonlyArray<string>
  readonly deviceCode: string
  readonly proofKey?: ProofKey
  readonly signal?: AbortSignal
}

/** Asks once, at the server that gave the device code. */
export const redeemDeviceCode = async (outbound: Outbound, request: DeviceTokenRequest): Promise<StoredTokens> => {
  const { discovered, registered, scopes, deviceCode, proofKey, signal } = request
  const { server, resource } = discovered
  const sentAt = outbound.now()
  const tokens = await askForTokens(
    outbound,
    server,
    [deviceCode, registered.client.client_secret],
    proofKey,
    (fetch) =>
      protocol.deviceCodeGrantRequest(
        server.metadata as protocol.AuthorizationServer,
        { client_id: registered.client.client_id },
        clientAuthentication(registered.client, server, outbound),
        deviceCode,
        { ...requestOptions(fetch, signal), additionalParameters: { resource } },
      ),
  )
  return stored(server.issuer, sentAt, proofKey, { ...member("scope", scopeOf(scopes)), ...tokens })
}

export interface RefreshRequest {
  readonly server: AuthorizationServer
  readonly client: StoredClient
  readonly tokens: StoredTokens
  readonly resource: string
}

/** Spends a refresh token at the server that issued it. */
export const refresh = async (outbound: Outbound, request: RefreshRequest): Promise<StoredTokens> => {
  const { server, client, tokens, resource } = request
  const { issuer } = server
  const { proofKey } = tokens
  // INVARIANT: nothing of one issuer goes to another (OAUTH21-7.15-client-issuer-binding).
  const refreshToken = refreshTokenOf(tokens)
  if (tokens.issuer !== issuer || client.issuer !== issuer || refreshToken === undefined) {
    throw new TokenError({
      code: "login_required",
      message: `there is nothing to refresh at ${quoted(issuer)}: log in`,
    })
  }
  const sentAt = outbound.now()
  const fresh = await askForTokens(outbound, server, [refreshToken, client.client.client_secret], proofKey, (fetch) =>
    protocol.refreshTokenGrantRequest(
      server.metadata as protocol.AuthorizationServer,
      { client_id: client.client.client_id },
      clientAuthentication(client.client, server, outbound),
      refreshToken,
      { ...requestOptions(fetch), additionalParameters: { resource } },
    ),
  )
  const { scope } = tokens.tokens
  //= OAUTH21-4.3.2-client-replaces-rt
  const kept = { refresh_token: refreshToken, ...(scope === undefined ? {} : { scope }) }
  return stored(issuer, sentAt, proofKey, { ...kept, ...fresh })
}

/** RFC 6749 5.1: a server that does not say gave what was asked for. */
const scopeOf = (scopes: ReadonlyArray<string>): string | undefined =>
  scopes.length === 0 ? undefined : scopes.join(" ")

const stored = (issuer: string, sentAt: number, proofKey: ProofKey | undefined, tokens: OAuthToken): StoredTokens => ({
  tokens,
  issuer,
  ...member("proofKey", proofKey),
  ...endOfLife(sentAt, tokens.expires_in),
})

const askForTokens = async (
  outbound: Outbound,
  server: AuthorizationServer,
  sent: ReadonlyArray<string | undefined>,
  proofKey: ProofKey | undefined,
  post: (fetch: Fetch) => Promise<Response>,
): Promise<OAuthToken> => {
  const endpoint = `the token endpoint of ${quoted(server.issuer)}`
  const { token_endpoint } = server.metadata
  const response = await postProven(outbound, proofKey, token_endpoint, post).catch((cause: unknown) => {
    throw unreachable(endpoint, cause)
  })
  const answer = await readTokenResponse(response, proofKey !== undefined)
  switch (answer._tag) {
    case "Tokens":
      return answer.tokens
    case "Fault":
      throw refused(endpoint, response, answer.said, [...sent.filter((one) => one !== undefined), ...answer.secrets])
    case "Nothing":
      throw new TokenError({
        code: "response_malformed",
        message: `${endpoint} answered without a usable bearer token: tell whoever runs the server`,
        isReplyLost: true,
      })
    default:
      return answer satisfies never
  }
}

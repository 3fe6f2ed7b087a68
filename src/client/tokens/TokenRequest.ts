/**
 * The token endpoint: a code or a refresh token goes out, tokens come back (OAuth 2.1 3.2).
 *
 * What goes wrong is told apart by what it means for what is stored: only `invalid_grant`, and what servers write for it,
 * says that it is dead. Nothing is retried here, no redirect is followed, and no error repeats what was sent.
 */
import * as protocol from "oauth4webapi"
import type { AuthorizationResponse, PendingLogin } from "../authorization/PendingLogin.ts"
import { clientAuthentication } from "./ClientAuthentication.ts"
import { TokenError, type TokenErrorCode } from "../ClientError.ts"
import { endOfLife, refreshTokenOf } from "./RefreshPolicy.ts"
import { requestOptions, type Outbound } from "../Outbound.ts"
import { quoted } from "../ForeignText.ts"
import { member } from "../LenientReading.ts"
import { phrase, shown, type ErrorDetails } from "../ErrorResponse.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import type { ProofKey, StoredClient, StoredTokens } from "../storage/TokenStorage.ts"
import { provingFetch } from "./KeyProof.ts"
import { meaningOf, readTokenResponse } from "./TokenResponse.ts"
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
  const tokens = await askForTokens(server, secrets, proofKey, () =>
    protocol.authorizationCodeGrantRequest(
      server.metadata as protocol.AuthorizationServer,
      { client_id: registered.client.client_id },
      clientAuthentication(registered.client, server),
      answer,
      redirectUri,
      codeVerifier,
      { ...requestOptions(provingFetch(outbound, proofKey)), additionalParameters: { resource } },
    ),
  )
  return stored(server.issuer, sentAt, proofKey, {
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    ...tokens,
  })
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
  const fresh = await askForTokens(server, [refreshToken, client.client.client_secret], proofKey, () =>
    protocol.refreshTokenGrantRequest(
      server.metadata as protocol.AuthorizationServer,
      { client_id: client.client.client_id },
      clientAuthentication(client.client, server),
      refreshToken,
      { ...requestOptions(provingFetch(outbound, proofKey)), additionalParameters: { resource } },
    ),
  )
  const { scope } = tokens.tokens
  //= OAUTH21-4.3.2-client-replaces-rt
  const kept = { refresh_token: refreshToken, ...(scope === undefined ? {} : { scope }) }
  return stored(issuer, sentAt, proofKey, { ...kept, ...fresh })
}

const stored = (issuer: string, sentAt: number, proofKey: ProofKey | undefined, tokens: OAuthToken): StoredTokens => ({
  tokens,
  issuer,
  ...member("proofKey", proofKey),
  ...endOfLife(sentAt, tokens.expires_in),
})

const askForTokens = async (
  server: AuthorizationServer,
  sent: ReadonlyArray<string | undefined>,
  proofKey: ProofKey | undefined,
  send: () => Promise<Response>,
): Promise<OAuthToken> => {
  const endpoint = `the token endpoint of ${quoted(server.issuer)}`
  const response = await send().catch((cause: unknown) => {
    const message = `${endpoint} cannot be reached: nothing was given up, try again later`
    throw new TokenError({ code: "server_unavailable", message, isReplyLost: !isNeverSent(cause), cause })
  })
  const answer = await readTokenResponse(response, proofKey !== undefined)
  switch (answer._tag) {
    case "Tokens":
      return answer.tokens
    case "Fault": {
      const secrets = [...sent.filter((one) => one !== undefined), ...answer.secrets]
      throw refusal(endpoint, response, meaningOf(response.status, answer.said), shown(answer.said, secrets))
    }
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

const refusal = (endpoint: string, response: Response, code: TokenErrorCode, said: ErrorDetails): TokenError => {
  const { status } = response
  const answered = `${endpoint} answered with ${status}${phrase(said)}`
  const error = member("error", said.code)
  switch (code) {
    case "grant_ended":
      return new TokenError({ code, message: `${answered}: log in again`, ...error })
    case "client_refused":
      return new TokenError({ code, message: `${answered}: the client has to register anew`, ...error })
    case "server_unavailable": {
      const message = `${answered}: nothing was given up, try again later`
      const retry = member("retryAfterSeconds", retryAfterOf(response))
      // It may have been carried out before it failed; who is sent away by a sentence was not served.
      return new TokenError({ code, message, isReplyLost: status >= 500, ...error, ...retry })
    }
    default: {
      const message = `${answered}: check the scopes and the resource, log in again, or tell whoever runs the server`
      return new TokenError({ code, message, ...error })
    }
  }
}

const NEVER_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]

/** Whether the request surely never left: no connection came to be. */
const isNeverSent = (cause: unknown): boolean => {
  const code = (error: unknown) => (error as { readonly code?: unknown } | null | undefined)?.code
  const inner = cause instanceof Error ? cause.cause : undefined
  const all = inner instanceof AggregateError ? inner.errors : [inner]
  return [code(cause), ...all.map(code)].some((one) => typeof one === "string" && NEVER_SENT.includes(one))
}

const retryAfterOf = (response: Response): number | undefined => {
  const header = response.headers.get("retry-after")
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined
}

/**
 * The token endpoint: a code or a refresh token goes out, tokens come back (OAuth 2.1 3.2).
 *
 * What goes wrong is told apart by what it means for what is stored: only `invalid_grant` says that it is dead. Nothing
 * is retried here, no redirect is followed, and no error repeats what was sent.
 */
import { Result, Schema } from "effect"
import * as protocol from "oauth4webapi"
import type { Answer, Transaction } from "./Authorization.ts"
import { clientAuthentication } from "./ClientAuthentication.ts"
import { TokenError } from "./ClientError.ts"
import { endOfLife } from "./Freshness.ts"
import { brief, discard, jsonObject, REQUEST_TIMEOUT_MILLIS, type Outbound } from "./Outbound.ts"
import type { AuthorizationServer } from "./ServerMetadata.ts"
import type { StoredClient, StoredTokens } from "./storage/TokenStorage.ts"
import { OAuthToken } from "./Wire.ts"

/** Redeems the code of a judged answer, at the transaction's own server. */
//= OAUTH21-7.15-client-issuer-binding
export const exchange = async (outbound: Outbound, transaction: Transaction, answer: Answer): Promise<StoredTokens> => {
  const { discovered, registered, redirectUri, codeVerifier, scopes } = transaction
  const { server, resource } = discovered
  const sentAt = outbound.now()
  const tokens = await askForTokens(server, () =>
    protocol.authorizationCodeGrantRequest(
      server.metadata as protocol.AuthorizationServer,
      { client_id: registered.client.client_id },
      clientAuthentication(registered.client, server),
      answer,
      redirectUri,
      codeVerifier,
      { ...requestOptions(outbound), additionalParameters: { resource } },
    ),
  )
  return stored(server.issuer, sentAt, { ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }), ...tokens })
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
  // INVARIANT: nothing of one issuer goes to another (OAUTH21-7.15-client-issuer-binding).
  const { refresh_token: refreshToken } = tokens.tokens
  if (tokens.issuer !== issuer || client.issuer !== issuer || refreshToken === undefined) {
    throw new TokenError({ code: "login_required", message: `there is nothing to refresh at \`${issuer}\`: log in` })
  }
  const sentAt = outbound.now()
  const fresh = await askForTokens(server, () =>
    protocol.refreshTokenGrantRequest(
      server.metadata as protocol.AuthorizationServer,
      { client_id: client.client.client_id },
      clientAuthentication(client.client, server),
      refreshToken,
      { ...requestOptions(outbound), additionalParameters: { resource } },
    ),
  )
  const { scope } = tokens.tokens
  //= OAUTH21-4.3.2-client-replaces-rt
  const kept = { refresh_token: refreshToken, ...(scope === undefined ? {} : { scope }) }
  return stored(issuer, sentAt, { ...kept, ...fresh })
}

type CustomFetch = NonNullable<protocol.TokenEndpointRequestOptions[typeof protocol.customFetch]>

const requestOptions = ({ fetch }: Outbound) => ({
  [protocol.customFetch]: fetch as CustomFetch,
  // What may be insecure was decided where the metadata was believed: loopback alone.
  [protocol.allowInsecureRequests]: true,
  signal: () => AbortSignal.timeout(REQUEST_TIMEOUT_MILLIS),
})

const stored = (issuer: string, sentAt: number, tokens: OAuthToken): StoredTokens => ({
  tokens,
  issuer,
  ...endOfLife(sentAt, tokens.expires_in),
})

const askForTokens = async (server: AuthorizationServer, send: () => Promise<Response>): Promise<OAuthToken> => {
  const endpoint = `the token endpoint of \`${server.issuer}\``
  const response = await send().catch((cause: unknown) => {
    const message = `${endpoint} cannot be reached: nothing was given up, try again later`
    throw new TokenError({ code: "server_unavailable", message, isReplyLost: !isNeverSent(cause), cause })
  })
  if (response.status >= 500 || response.status === 429) {
    await discard(response)
    const retryAfterSeconds = retryAfterOf(response)
    throw new TokenError({
      code: "server_unavailable",
      message: `${endpoint} answered with ${response.status}: nothing was given up, try again later`,
      isReplyLost: response.status !== 429,
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    })
  }
  const body = await jsonObject(response).catch(() => undefined)
  if (response.status !== 200) throw refusal(endpoint, response.status, body)
  const read = Schema.decodeUnknownResult(OAuthToken)(readable(body))
  if (Result.isSuccess(read) && read.success.token_type.toLowerCase() === "bearer") return read.success
  throw new TokenError({
    code: "response_malformed",
    message: `${endpoint} answered without a usable bearer token: tell whoever runs the server`,
    isReplyLost: true,
  })
}

/** Some servers write the number as a string, and an empty scope where they mean none. */
const readable = (body: Readonly<Record<string, unknown>> | undefined): Readonly<Record<string, unknown>> => {
  const { expires_in, scope, ...rest } = body ?? {}
  const seconds = typeof expires_in === "string" && expires_in.trim() !== "" ? Number(expires_in) : expires_in
  return {
    ...rest,
    ...(Number.isFinite(seconds) ? { expires_in: seconds } : {}),
    ...(typeof scope === "string" && scope !== "" ? { scope } : {}),
  }
}

const refusal = (endpoint: string, status: number, body: Readonly<Record<string, unknown>> | undefined): TokenError => {
  const error = typeof body?.["error"] === "string" ? brief(body["error"]) : undefined
  const said = `${endpoint} answered with ${status}${error === undefined ? "" : ` ${error}`}`
  const known = error === undefined ? {} : { error }
  switch (error) {
    case "invalid_grant":
      return new TokenError({ code: "grant_ended", message: `${said}: log in again`, ...known })
    case "invalid_client":
    case "unauthorized_client":
      return new TokenError({ code: "client_refused", message: `${said}: the client has to register anew`, ...known })
    default: {
      const message = `${said}: tell whoever runs the server, and check the scopes and the resource`
      return new TokenError({ code: "request_refused", message, ...known })
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

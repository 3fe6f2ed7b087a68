/**
 * Reading: records for `load…`, live tokens for `verify…`, RFC 7662's answer for introspection.
 *
 * Nothing here changes anything, at any time, of anything.
 */
import { Effect, Result } from "effect"
import {
  includesResource,
  isClientEnabled,
  isGrantAlive,
  isLive,
  refusals,
  type OpenGrant,
  type RegisteredClient,
} from "../core/index.ts"
import type { RowReader } from "../log/index.ts"
import { accessCodec, liveAccess, readGrant } from "../projection/index.ts"
import type { AuthorizationServer, Credentials, Failure, Introspection } from "./AuthorizationServer.ts"
import { authenticatedClient } from "./ClientOperations.ts"
import type { Settings } from "./Config.ts"
import { orUnavailable, readSlice, type Machinery } from "./Execute.ts"
import { oauthError, type OAuthError, type Unavailable } from "./OAuthError.ts"
import {
  accessRecord,
  codeRecord,
  presentation,
  refreshRecord,
  seconds,
  type AccessToken,
  type RefreshToken,
} from "./Records.ts"
import { parseToken, type ParsedToken, type TokenKind } from "./Token.ts"

interface IssuedRefreshToken extends RefreshToken {
  readonly issuedAt: number
}

const inactive: Introspection = { active: false }

export const readOperations = (machinery: Machinery, settings: Settings) => {
  const { log, time } = machinery
  /** Reads what a token of `kind` leads to; what is none, or mistyped, leads nowhere without I/O. */
  const readBy = <A>(
    kind: TokenKind,
    token: string,
    body: (rows: RowReader, parsed: ParsedToken) => A | undefined,
  ): Effect.Effect<A | undefined, Unavailable> => {
    const parsed = parseToken(token)
    return parsed?.kind === kind ? orUnavailable(log.read((rows) => body(rows, parsed))) : Effect.succeed(undefined)
  }

  /** Looks an access token up in rows, or in whatever else answers joins. */
  const liveAccessToken = (join: RowReader["join"], token: string, parsed: ParsedToken): AccessToken | undefined => {
    const now = time.now()
    const row = join(liveAccess, [parsed.grantId, parsed.digest, now, now])
    if (row === undefined) return undefined
    const subjectId = row["subject_id"] === null ? null : String(row["subject_id"])
    return accessRecord(token, accessCodec.decode(row["state"]), { clientId: String(row["client_id"]), subjectId })
  }

  const openGrant = (rows: RowReader, clientId: string, grantId: string): OpenGrant | undefined => {
    const { state } = readGrant(rows, grantId)
    return state._tag === "Open" && state.clientId === clientId ? state : undefined
  }

  /** A refresh token that would be rotated if it were presented now. */
  const liveRefresh = (rows: RowReader, token: string, parsed: ParsedToken): IssuedRefreshToken | undefined => {
    const { state } = readSlice(rows, { grantId: parsed.grantId })
    const now = time.now()
    if (state.grant._tag !== "Open" || !isGrantAlive(state, now) || !isClientEnabled(state)) return undefined
    const current = state.grant.refresh?.current
    return current?.digest === parsed.digest && isLive(now, current.expiresAt)
      ? { ...refreshRecord(token, state.grant, current.expiresAt), issuedAt: seconds(current.issuedAt) }
      : undefined
  }

  /** The caller and the token at one moment. */
  //= RFC7662-2.1-caller-auth
  const introspectedFor = (
    rows: RowReader,
    credentials: Credentials,
    token: string,
  ): Result.Result<Introspection, OAuthError> => {
    const caller = authenticatedClient(rows, credentials, time.now())
    if (caller === undefined) {
      const description = "introspection is for clients that prove themselves with a secret"
      return Result.fail(oauthError("invalid_client", description))
    }
    if (caller.status === "disabled") return Result.fail(oauthError(...refusals["client-disabled"]))
    const parsed = parseToken(token)
    return Result.succeed(parsed === undefined ? inactive : introspected(rows, caller, token, parsed))
  }

  /** A client sees its own tokens; a resource server sees access tokens for its resource; nobody else anything. */
  //= RFC7662-2.2-inactive-uniform
  const introspected = (
    rows: RowReader,
    caller: RegisteredClient,
    token: string,
    parsed: ParsedToken,
  ): Introspection => {
    const refresh = parsed.kind === "refresh" ? liveRefresh(rows, token, parsed) : undefined
    if (refresh !== undefined) return refresh.clientId === caller.clientId ? activeRefresh(refresh) : inactive
    const access = parsed.kind === "access" ? liveAccessToken(rows.join, token, parsed) : undefined
    if (access === undefined) return inactive
    //= RFC8707-2-audience-restrict
    const isForCaller = caller.audience !== null && includesResource(access.resource, caller.audience)
    return access.clientId === caller.clientId || isForCaller ? activeAccess(access) : inactive
  }

  const activeAccess = (token: AccessToken): Introspection => ({
    ...common(token),
    ...presentation(token.jkt),
    exp: token.expiresAt!,
    iat: token.issuedAt!,
  })
  const activeRefresh = (token: IssuedRefreshToken): Introspection => ({
    ...common(token),
    token_type: "refresh_token",
    exp: token.expiresAt!,
    iat: token.issuedAt,
  })
  const common = ({ clientId, subject, scopes, resource }: AccessToken | RefreshToken) => ({
    active: true as const,
    client_id: clientId,
    //= OAUTH21-7.4-sub-namespace
    ...(subject === undefined ? {} : { sub: subject }),
    iss: settings.issuer,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    ...(resource.length === 0 ? {} : { aud: resource.length === 1 ? resource[0]! : resource }),
  })

  return {
    loadCode: (clientId, code) =>
      readBy("code", code, (rows, { grantId, digest }) => {
        const grant = openGrant(rows, clientId, grantId)
        return grant?.code?.digest === digest ? codeRecord(code, grant) : undefined
      }),
    loadRefreshToken: (clientId, token) =>
      Effect.gen(function* () {
        const parsed = parseToken(token)
        if (parsed?.kind !== "refresh") return undefined
        const grant = yield* orUnavailable(log.read((rows) => openGrant(rows, clientId, parsed.grantId)))
        const entry = grant === undefined ? undefined : yield* orUnavailable(log.readIssued(parsed.digest))
        const event = entry?.event
        const isOurs = event?._tag === "RefreshTokenIssued" || event?._tag === "RefreshTokenRotated"
        return grant !== undefined && isOurs && event.grantId === grant.grantId
          ? refreshRecord(token, grant, event.expiresAt)
          : undefined
      }),
    verify: (token) => readBy("access", token, (rows, parsed) => liveAccessToken(rows.join, token, parsed)),
    verifySync: (token) => {
      const parsed = parseToken(token)
      return parsed?.kind === "access" ? liveAccessToken(log.joinSync, token, parsed) : undefined
    },
    introspect: (credentials, token) =>
      Effect.flatMap(
        orUnavailable(log.read((rows) => introspectedFor(rows, credentials, token))),
        (answer): Effect.Effect<Introspection, Failure> => Effect.fromResult(answer),
      ),
  } satisfies Partial<AuthorizationServer>
}

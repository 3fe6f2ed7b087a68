/**
 * Reading: records for `load…`, live tokens for `verify…`, RFC 7662's answer for introspection.
 *
 * Nothing here changes anything, at any time, of anything.
 */
import { Effect } from "effect"
import {
  includesResource,
  isClientEnabled,
  isGrantAlive,
  isLive,
  refusals,
  type OpenGrant,
  type RegisteredClient,
  type Resource,
} from "../core/index.ts"
import type { RowReader } from "../log/index.ts"
import { accessCodec, liveAccess, readGrant } from "../projection/index.ts"
import type { AuthorizationServerShape, Introspection } from "./AuthorizationServer.ts"
import type { Settings } from "./Config.ts"
import { orUnavailable, readSlice, type Machinery } from "./Execute.ts"
import { oauthError } from "./OAuthError.ts"
import { accessRecord, codeRecord, refreshRecord, seconds, type AccessToken, type RefreshToken } from "./Records.ts"
import { parseToken } from "./Token.ts"

interface IssuedRefreshToken extends RefreshToken {
  readonly issuedAt: number
}

const inactive: Introspection = { active: false }

export const readOperations = (
  { log, time }: Machinery,
  settings: Settings,
  clients: Pick<AuthorizationServerShape, "authenticateClient" | "client">,
) => {
  const verifyIn = (rows: RowReader, token: string): AccessToken | undefined => {
    const parsed = parseToken(token)
    if (parsed?.kind !== "access") return undefined
    const now = time.now()
    const row = rows.join(liveAccess, [parsed.grantId, parsed.digest, now, now])
    if (row === undefined) return undefined
    const subjectId = row["subject_id"] === null ? null : String(row["subject_id"])
    return accessRecord(token, accessCodec.decode(row["state"]), { clientId: String(row["client_id"]), subjectId })
  }

  const openGrant = (rows: RowReader, clientId: string, grantId: string): OpenGrant | undefined => {
    const { state } = readGrant(rows, grantId)
    return state._tag === "Open" && state.clientId === clientId ? state : undefined
  }

  /** A refresh token that would be rotated if it were presented now. */
  const liveRefresh = (rows: RowReader, token: string): IssuedRefreshToken | undefined => {
    const parsed = parseToken(token)
    if (parsed?.kind !== "refresh") return undefined
    const { state } = readSlice(rows, { grantId: parsed.grantId })
    const now = time.now()
    if (state.grant._tag !== "Open" || !isGrantAlive(state, now) || !isClientEnabled(state)) return undefined
    const current = state.grant.refresh?.current
    return current?.digest === parsed.digest && isLive(now, current.expiresAt)
      ? { ...refreshRecord(token, state.grant, current.expiresAt), issuedAt: seconds(current.issuedAt) }
      : undefined
  }

  /** A client sees its own tokens; a resource server sees access tokens for its resource; nobody else anything. */
  //= RFC7662-2.2-inactive-uniform
  const introspected = (rows: RowReader, caller: RegisteredClient, token: string): Introspection => {
    const refresh = liveRefresh(rows, token)
    if (refresh !== undefined) return refresh.clientId === caller.clientId ? activeRefresh(refresh) : inactive
    const access = verifyIn(rows, token)
    if (access === undefined) return inactive
    const isForCaller =
      caller.audience !== null && includesResource(access.resource as Array<Resource>, caller.audience)
    return access.clientId === caller.clientId || isForCaller ? activeAccess(access) : inactive
  }

  const activeAccess = (token: AccessToken): Introspection => ({
    ...common(token),
    token_type: "Bearer",
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
    sub: subject ?? clientId,
    iss: settings.issuer,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    ...(resource.length === 0 ? {} : { aud: resource.length === 1 ? resource[0]! : resource }),
  })

  return {
    loadCode: (clientId, code) =>
      orUnavailable(
        log.read((rows) => {
          const parsed = parseToken(code)
          if (parsed?.kind !== "code") return undefined
          const grant = openGrant(rows, clientId, parsed.grantId)
          return grant?.code?.digest === parsed.digest ? codeRecord(code, grant) : undefined
        }),
      ),
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
    verify: (token) => orUnavailable(log.read((rows) => verifyIn(rows, token))),
    verifySync: (token) => log.readSync((rows) => verifyIn(rows, token)),
    //= RFC7662-2.1-caller-auth
    introspect: (credentials, token) =>
      Effect.gen(function* () {
        const authenticated = yield* clients.authenticateClient(credentials)
        const caller = authenticated === undefined ? undefined : yield* clients.client(credentials.clientId)
        if (caller === undefined) {
          return yield* oauthError("invalid_client", "introspection is for clients that prove themselves with a secret")
        }
        if (caller.status === "disabled") return yield* oauthError(...refusals["client-disabled"])
        return yield* orUnavailable(log.read((rows) => introspected(rows, caller, token)))
      }),
  } satisfies Partial<AuthorizationServerShape>
}

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
  type Grant,
  type OpenGrant,
  type RegisteredClient,
  type State,
} from "../core/index.ts"
import { StoreFault } from "../log/index.ts"
import type { Introspected, LiveAccess } from "../projection/index.ts"
import type { AuthorizationServer, Failure, Introspection } from "./AuthorizationServer.ts"
import { provenClient } from "./ClientOperations.ts"
import type { Settings } from "./Config.ts"
import { orUnavailable, type Machinery } from "./Execute.ts"
import { issuedRefresh } from "./IssuedRefresh.ts"
import { oauthError } from "./OAuthError.ts"
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
  const parsedAs = (kind: TokenKind, token: string): ParsedToken | undefined => {
    const parsed = parseToken(token)
    return parsed?.kind === kind ? parsed : undefined
  }

  const accessOf = (token: string, live: LiveAccess | undefined): AccessToken | undefined =>
    live === undefined ? undefined : accessRecord(token, live.token, live)

  const openGrantOf = (clientId: string, grant: Grant): OpenGrant | undefined =>
    grant._tag === "Open" && grant.clientId === clientId ? grant : undefined

  /** A refresh token that would be rotated if it were presented now. */
  const liveRefresh = (state: State, token: string, { digest }: ParsedToken): IssuedRefreshToken | undefined => {
    const now = time.now()
    if (state.grant._tag !== "Open" || !isGrantAlive(state, now) || !isClientEnabled(state)) return undefined
    const current = state.grant.refresh?.current
    return current?.digest === digest && isLive(now, current.expiresAt)
      ? { ...refreshRecord(token, state.grant, current.expiresAt), issuedAt: seconds(current.issuedAt) }
      : undefined
  }

  /** A client sees its own tokens; a resource server sees access tokens for its resource; nobody else anything. */
  //= RFC7662-2.2-inactive-uniform
  const introspected = (
    caller: RegisteredClient,
    token: string,
    parsed: ParsedToken,
    { access, owner }: Introspected,
  ): Introspection => {
    const refresh = owner === undefined ? undefined : liveRefresh(owner, token, parsed)
    if (refresh !== undefined) return refresh.clientId === caller.clientId ? activeRefresh(refresh) : inactive
    const live = accessOf(token, access)
    if (live === undefined) return inactive
    //= RFC8707-2-audience-restrict
    const isForCaller = caller.audience !== null && includesResource(live.resource, caller.audience)
    return live.clientId === caller.clientId || isForCaller ? activeAccess(live) : inactive
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
    loadCode: (clientId, code) => {
      const parsed = parsedAs("code", code)
      if (parsed === undefined) return Effect.succeed(undefined)
      return Effect.map(orUnavailable(log.rows.grant(parsed.grantId)), ({ state }) => {
        const grant = openGrantOf(clientId, state)
        return grant?.code?.digest === parsed.digest ? codeRecord(code, grant) : undefined
      })
    },
    loadRefreshToken: (clientId, token) =>
      Effect.gen(function* () {
        const parsed = parsedAs("refresh", token)
        if (parsed === undefined) return undefined
        const grant = openGrantOf(clientId, (yield* orUnavailable(log.rows.grant(parsed.grantId))).state)
        if (grant === undefined) return undefined
        const issued = yield* orUnavailable(issuedRefresh(log, parsed))
        return issued && refreshRecord(token, grant, issued.expiresAt)
      }),
    // What is no token of ours, or mistyped, leads nowhere without I/O.
    verify: (token) => {
      const parsed = parsedAs("access", token)
      if (parsed === undefined) return Effect.succeed(undefined)
      return Effect.map(orUnavailable(log.rows.liveAccess(parsed, time.now())), (live) => accessOf(token, live))
    },
    verifySync: (token) => {
      if (log.rowsNow === undefined) throw new StoreFault({ reason: "other", message: notAtOnce })
      const parsed = parsedAs("access", token)
      return parsed === undefined ? undefined : accessOf(token, log.rowsNow.liveAccess(parsed, time.now()))
    },
    //= RFC7662-2.1-caller-auth
    introspect: Effect.fnUntraced(function* (credentials, token): Effect.fn.Return<Introspection, Failure> {
      const parsed = parseToken(token)
      const found = yield* orUnavailable(log.rows.introspection(credentials.clientId, parsed, time.now()))
      const caller = provenClient(found.caller, credentials, time.now())
      if (caller === undefined) {
        return yield* oauthError("invalid_client", "introspection is for clients that prove themselves with a secret")
      }
      if (caller.status === "disabled") return yield* oauthError(...refusals["client-disabled"])
      return parsed === undefined ? inactive : introspected(caller, token, parsed, found)
    }),
  } satisfies Partial<AuthorizationServer>
}

const notAtOnce = "this store cannot answer at once: use `verify`"

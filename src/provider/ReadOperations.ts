/**
 * Reading: records for `load…`, live tokens for `verify…`, RFC 7662's answer for introspection.
 *
 * Nothing here changes anything, at any time, of anything.
 */
import * as Effect from "effect/Effect"
import { inactive, includesResource, type Introspection } from "../protocol/index.ts"
import {
  introspectionOf,
  isClientEnabled,
  isGrantAlive,
  isLive,
  refusals,
  type Digest,
  type EpochMillis,
  type Grant,
  type OpenGrant,
  type RegisteredClient,
  type State,
} from "../core/index.ts"
import { StoreFault } from "../log/index.ts"
import type { Introspected, LiveAccess } from "../projection/index.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import { provenClient } from "./ClientOperations.ts"
import type { Settings } from "./Config.ts"
import { orUnavailable, useUp, type HandlerContext } from "./CommandHandler.ts"
import { issuedRefresh } from "./IssuedRefresh.ts"
import { oauthError } from "./OAuthError.ts"
import { accessRecord, codeRecord, refreshRecord, type AccessToken } from "./Records.ts"
import type { ParsedToken, ReadToken, TokenKind } from "./Token.ts"

export const readOperations = (context: HandlerContext, settings: Settings, readToken: ReadToken) => {
  const { log, time } = context
  const parsedAs = (kind: TokenKind, token: string): ParsedToken | undefined => {
    const parsed = readToken(token)
    return parsed?.kind === kind ? parsed : undefined
  }

  const accessOf = (token: string, live: LiveAccess | undefined): AccessToken | undefined =>
    live === undefined ? undefined : accessRecord(token, live.token, live)

  const openGrantOf = (clientId: string, grant: Grant): OpenGrant | undefined =>
    grant._tag === "Open" && grant.clientId === clientId ? grant : undefined

  /** Whose refresh token it is, and itself, if it would be rotated were it presented now. */
  const liveRefresh = (state: State, digest: Digest, now: EpochMillis) => {
    const { grant } = state
    if (grant._tag !== "Open" || !isGrantAlive(state, now) || !isClientEnabled(state)) return undefined
    const current = grant.refresh?.current
    return current?.digest === digest && isLive(now, current.expiresAt) ? { grant, current } : undefined
  }

  /** A client sees its own tokens; a resource server sees access tokens for its resource; nobody else anything. */
  //= RFC7662-2.2-inactive-uniform
  const introspected = (
    caller: RegisteredClient,
    { access, owner }: Introspected,
    { digest }: ParsedToken,
    now: EpochMillis,
  ): Introspection => {
    const refresh = owner === undefined ? undefined : liveRefresh(owner, digest, now)
    if (refresh !== undefined) {
      const { grant, current } = refresh
      return grant.clientId === caller.clientId
        ? introspectionOf("refresh", settings.issuer, grant, { ...grant, ...current })
        : inactive
    }
    if (access === undefined) return inactive
    const { token } = access
    const isOwn = access.clientId === caller.clientId
    //= RFC8707-2-audience-restrict
    const isForCaller = caller.audience !== null && includesResource(token.resources, caller.audience)
    return isOwn || isForCaller ? introspectionOf("access", settings.issuer, access, token) : inactive
  }

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
      return Effect.suspend(() =>
        Effect.map(orUnavailable(log.rows.liveAccess(parsed, time.now())), (live) => accessOf(token, live)),
      )
    },
    verifySync: (token) => {
      if (log.rowsNow === undefined) throw new StoreFault({ reason: "other", message: notAtOnce })
      const parsed = parsedAs("access", token)
      return parsed === undefined ? undefined : accessOf(token, log.rowsNow.liveAccess(parsed, time.now()))
    },
    //= RFC7662-2.1-caller-auth
    introspect: (credentials, token) =>
      Effect.suspend(() => {
        const [parsed, now] = [readToken(token), time.now()]
        return Effect.flatMap(orUnavailable(log.rows.introspection(credentials.clientId, parsed, now)), (found) => {
          const caller = provenClient(found.caller, credentials, now)
          if (caller === undefined) return Effect.fail(oauthError("invalid_client", UNPROVEN))
          const { claims } = credentials
          const used = claims === undefined ? Effect.void : useUp(context, claims)
          if (caller.status === "disabled") {
            return Effect.andThen(used, Effect.fail(oauthError(...refusals["client-disabled"])))
          }
          return Effect.as(used, parsed === undefined ? inactive : introspected(caller, found, parsed, now))
        })
      }),
  } satisfies Partial<AuthorizationServer>
}

const UNPROVEN = "introspection is for clients that prove themselves with a secret"
const notAtOnce = "this store cannot answer at once: use `verify`"

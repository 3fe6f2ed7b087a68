/**
 * Reading: records for `load…`, live tokens for `verify…`, RFC 7662's answer for introspection.
 *
 * Nothing here changes anything, at any time, of anything.
 */
import * as Effect from "effect/Effect"
import { inactive, includesResource, type Introspection } from "../protocol/index.ts"
import {
  introspectionOf,
  isGrantAlive,
  isLive,
  isUnsuspended,
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
import { provenClient } from "./ClientProof.ts"
import type { Settings } from "./Config.ts"
import { orUnavailable, useUp, type HandlerContext } from "./CommandHandler.ts"
import { issuedRefresh } from "./IssuedRefresh.ts"
import { oauthError } from "./OAuthError.ts"
import { accessRecord, codeRecord, refreshRecord, type AccessToken } from "./Records.ts"
import { awaited } from "./features/Settled.ts"
import { parseToken, type ParsedToken, type ReadToken, type TokenKind } from "./Token.ts"

export const readOperations = (context: HandlerContext, settings: Settings, readToken: ReadToken) => {
  const { log, time } = context
  const ofKind = (kind: TokenKind, parsed: ParsedToken | undefined) => (parsed?.kind === kind ? parsed : undefined)
  /** Reads a code or refresh token, which have one form. */
  const parsedAs = (kind: "code" | "refresh", token: string) => ofKind(kind, parseToken(token))
  /** What is no token of ours, or mistyped, leads nowhere without I/O. */
  const liveOf = (token: string, parsed: ParsedToken | undefined) =>
    ofKind("access", parsed) === undefined
      ? Effect.undefined
      : Effect.suspend(() =>
          Effect.map(orUnavailable(log.rows.liveAccess(parsed!, time.now())), (live) => accessOf(token, live)),
        )

  const accessOf = (token: string, live: LiveAccess | undefined): AccessToken | undefined =>
    live === undefined ? undefined : accessRecord(token, live.token, live)

  const openGrantOf = (clientId: string, grant: Grant): OpenGrant | undefined =>
    grant._tag === "Open" && grant.clientId === clientId ? grant : undefined

  /** Whose refresh token it is, and itself, if it would be rotated were it presented now. */
  const liveRefresh = (state: State, digest: Digest, now: EpochMillis) => {
    const { grant } = state
    if (grant._tag !== "Open" || !isGrantAlive(state, now) || !isUnsuspended(state)) return undefined
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
    verify: (token) => {
      const read = readToken(token)
      return read instanceof Promise
        ? Effect.flatMap(awaited(read), (parsed) => liveOf(token, parsed))
        : liveOf(token, read)
    },
    verifySync: (token) => {
      if (log.rowsNow === undefined) throw new StoreFault({ reason: "other", message: notAtOnce })
      const read = readToken(token)
      if (read instanceof Promise) throw new StoreFault({ reason: "other", message: formNotAtOnce })
      const parsed = ofKind("access", read)
      return parsed === undefined ? undefined : accessOf(token, log.rowsNow.liveAccess(parsed, time.now()))
    },
    //= RFC7662-2.1-caller-auth
    introspect: (credentials, token) =>
      Effect.suspend(() => {
        const answer = (parsed: ParsedToken | undefined) => {
          const now = time.now()
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
        }
        const read = readToken(token)
        return read instanceof Promise ? Effect.flatMap(awaited(read), answer) : answer(read)
      }),
  } satisfies Partial<AuthorizationServer>
}

const UNPROVEN = "introspection is for clients that prove themselves with a secret"
const notAtOnce = "this store cannot answer at once: use `verify`"
const formNotAtOnce = "a token of this form is not read at once: use `verify`"

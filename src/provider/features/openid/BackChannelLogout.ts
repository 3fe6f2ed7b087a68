/**
 * Telling clients that somebody is signed out (OpenID Connect Back-Channel Logout): the log is followed, and for each
 * grant that ended its client gets a token that says so, at the address that it registered.
 *
 * Nobody waits for a client: each is told by itself, again after a while if it cannot be reached, four times in six minutes.
 * Of several instances one tells. What is lost: what ends while no instance runs, and what is still to be told when the one
 * that took it stops. A client that has to know holds its sessions no longer than its tokens live.
 */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import type { Event, GrantId, SubjectId } from "../../../core/index.ts"
import type { StoreFault } from "../../../log/index.ts"
import { guardedFetch, publicGuard, type Fetch } from "../../../outbound/index.ts"
import { OPENID } from "../../../protocol/index.ts"
import type { AuthorizationServer } from "../../AuthorizationServer.ts"
import { oauthError } from "../../OAuthError.ts"
import { digestOf } from "../../Token.ts"
import type { ServerStore } from "../../ServerStore.ts"
import type { Failure } from "../../TokenRequests.ts"

/** Explicitly typed, so that it passes for no other JWT (Back-Channel Logout 2.4). */
export const LOGOUT_TOKEN_TYPE = "logout+jwt"

const EVENT = "http://schemas.openid.net/event/backchannel-logout"
const LIFETIME_SECONDS = 120
const TIMEOUT_MILLIS = 5000
const PAUSES_MILLIS = [1000, 10_000, 60_000, 300_000]
/** Told at a time, and waiting for another try: beyond that nobody is told, and the operator is. */
const AT_ONCE = 8
const MAX_WAITING = 1000
const GRANTS_LOOKED_THROUGH = 1000
const REMEMBERED_MILLIS = 600_000

/** How clients are told. */
export interface BackChannelOptions {
  /** Asks a client; by default at public addresses alone, without redirects. */
  readonly fetch?: Fetch
  /** Told in a sentence who could not be told. */
  readonly onFault?: (sentence: string) => void
}

type Told = Extract<Event, { readonly _tag: "GrantOpened" }>

/** Follows the log from its head on and tells clients, for as long as it runs. */
export const tellLogouts = (
  server: AuthorizationServer,
  log: ServerStore,
  { fetch = guardedFetch(publicGuard), onFault = () => {} }: BackChannelOptions = {},
): Effect.Effect<void> => {
  const { openIdProvider } = server.features
  if (openIdProvider === undefined) return Effect.void
  const context = server.serverContext
  const places = Semaphore.makeUnsafe(AT_ONCE)
  let waitingCount = 0

  /** The grant as it was opened, if it told its client who somebody is. */
  const openedWith = (grantId: GrantId): Effect.Effect<Told | undefined, StoreFault> =>
    Effect.map(log.readStream(`grant-${grantId}`, 0), ([first]) => {
      const event = first?.event
      return event?._tag === "GrantOpened" && event.scopes.some((scope) => scope === OPENID) ? event : undefined
    })

  //= OIDCBC-2.4-logout-token
  const tokenFor = async (eventId: string, { clientId, subjectId, grantId }: Told): Promise<string> => {
    const iat = Math.floor(context.now() / 1000)
    const claims = {
      aud: clientId,
      sub: await openIdProvider.subjectFor(clientId, subjectId!, context),
      sid: grantId,
      iat,
      exp: iat + LIFETIME_SECONDS,
      // The same for every try, so that a client that was told twice can know.
      jti: digestOf(`${eventId} ${grantId}`),
      events: { [EVENT]: {} },
    }
    const alg = await openIdProvider.algorithmOf(clientId, context)
    return context.sign(claims, { typ: LOGOUT_TOKEN_TYPE, alg })
  }

  /** Whether the client took it, or said that it never will. */
  //= OIDCBC-2.5-post
  const isTaken = (uri: string, eventId: string, opened: Told): Effect.Effect<boolean> =>
    Effect.promise(async () => {
      try {
        const body = new URLSearchParams({ logout_token: await tokenFor(eventId, opened) })
        const signal = AbortSignal.timeout(TIMEOUT_MILLIS)
        const { status } = await fetch(uri, { method: "POST", body, redirect: "error", signal })
        return status < 500 && status !== 429 && status !== 408
      } catch {
        // Whatever went wrong on the way, the client does not know yet.
        return false
      }
    })

  const tell = Effect.fnUntraced(function* (uri: string, eventId: string, opened: Told) {
    for (const pause of [...PAUSES_MILLIS, undefined]) {
      if (yield* places.withPermits(1)(isTaken(uri, eventId, opened))) return
      if (pause !== undefined) yield* Effect.sleep(pause)
    }
    onFault(
      `the client \`${opened.clientId}\` could not be told at its backchannel_logout_uri that somebody signed out`,
    )
  })

  const tellOf = Effect.fnUntraced(function* (
    eventId: string,
    grantId: GrantId,
  ): Effect.fn.Return<void, StoreFault | Failure> {
    const opened = yield* openedWith(grantId)
    const uri = opened && (yield* server.client(opened.clientId))?.metadata.backchannel_logout_uri
    if (opened === undefined || uri === undefined || opened.subjectId === null) return
    const key = `logout ${eventId} ${grantId}`
    const refusal = oauthError("invalid_request", "another instance tells of this")
    yield* server.useOnce([{ key, until: context.now() + REMEMBERED_MILLIS, refusal }])
    if (waitingCount >= MAX_WAITING) {
      return onFault(`too many clients wait to be told that somebody signed out: \`${opened.clientId}\` is not`)
    }
    waitingCount++
    yield* Effect.forkChild(
      Effect.ensuring(
        tell(uri, eventId, opened),
        Effect.sync(() => void waitingCount--),
      ),
    )
  })

  const grantsOf = (subjectId: SubjectId): Effect.Effect<ReadonlyArray<GrantId>, Failure> =>
    Effect.map(server.grants({ subjectId }, { limit: GRANTS_LOOKED_THROUGH }), (grants) =>
      grants.flatMap((grant) => (grant._tag === "Open" ? [grant.grantId] : [])),
    )

  /** The grants that an event ended. */
  const endedBy = (event: Event): Effect.Effect<ReadonlyArray<GrantId>, Failure> => {
    switch (event._tag) {
      case "GrantRevoked":
        return Effect.succeed([event.grantId])
      case "SubjectSessionsRevoked":
      case "SubjectDisabled":
      case "SubjectForgotten":
        return grantsOf(event.subjectId)
      default:
        return Effect.succeed([])
    }
  }

  return log.head.pipe(
    Effect.flatMap(({ size }) =>
      Stream.runForEach(log.subscribe(size), ({ event, id }) =>
        Effect.flatMap(endedBy(event), (grantIds) =>
          Effect.forEach(grantIds, (grantId) => Effect.ignore(tellOf(id, grantId)), { discard: true }),
        ).pipe(Effect.ignore),
      ),
    ),
    Effect.catch(({ message }) =>
      Effect.sync(() => onFault(`clients are not told any more that somebody signed out: ${message}`)),
    ),
  )
}

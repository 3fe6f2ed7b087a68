/**
 * Telling clients that somebody is signed out (OpenID Connect Back-Channel Logout): the log is followed, and for each
 * grant that ended its client gets a token that says so, at the address that it registered.
 *
 * Nobody waits for a client: each is told by itself, again after a while if it cannot be reached, four times in six minutes.
 * Of several instances one tells. What ends while none runs, and what one that was killed had still to tell, the next one
 * tells (`FollowInTurn.ts`); a client may so be told twice, by tokens of the same `jti`. What is lost: who cannot be reached
 * in all that time. A client that has to know holds its sessions no longer than its tokens live.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import * as Semaphore from "effect/Semaphore"
import type { Event, GrantId, SubjectId } from "../../../core/index.ts"
import type { Recorded, StoreFault } from "../../../log/index.ts"
import { guardedFetch, publicGuard, type Fetch } from "../../../outbound/index.ts"
import { OPENID } from "../../../protocol/index.ts"
import type { AuthorizationServer } from "../../AuthorizationServer.ts"
import { followInTurn } from "../../FollowInTurn.ts"
import { OAuthError } from "../../OAuthError.ts"
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
const AGAIN_MILLIS = 5000

/** How clients are told. */
export interface BackChannelOptions {
  /** Asks a client; by default at public addresses alone, without redirects. */
  readonly fetch?: Fetch
  /** Told in a sentence who could not be told. */
  readonly onFault?: (sentence: string) => void
}

type Told = Extract<Event, { readonly _tag: "GrantOpened" }>

/** Follows the log from where the last instance came, and tells clients, for as long as it runs. */
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

  /** Telling the client of a grant; `undefined` where there is nobody to tell. */
  const tellingOf = Effect.fnUntraced(function* (
    eventId: string,
    grantId: GrantId,
  ): Effect.fn.Return<Effect.Effect<void> | undefined, StoreFault | Failure> {
    const opened = yield* openedWith(grantId)
    const uri = opened && (yield* server.client(opened.clientId))?.metadata.backchannel_logout_uri
    if (opened === undefined || uri === undefined || opened.subjectId === null) return undefined
    return Effect.suspend(() => {
      if (waitingCount >= MAX_WAITING) {
        onFault(`too many clients wait to be told that somebody signed out: \`${opened.clientId}\` is not`)
        return Effect.void
      }
      waitingCount++
      return Effect.ensuring(
        tell(uri, eventId, opened),
        Effect.sync(() => void waitingCount--),
      )
    })
  })

  /** Those that had been opened by then: what a person allowed since is not what ended. */
  const grantsOf = (subjectId: SubjectId, at: number): Effect.Effect<ReadonlyArray<GrantId>, Failure> =>
    Effect.map(server.grants({ subjectId }, { limit: GRANTS_LOOKED_THROUGH }), (grants) =>
      grants.flatMap((grant) => (grant._tag === "Open" && grant.openedAt <= at ? [grant.grantId] : [])),
    )

  /** The grants that an event ended. */
  const endedBy = ({ event, recordedAt }: Recorded): Effect.Effect<ReadonlyArray<GrantId>, Failure> => {
    switch (event._tag) {
      case "GrantRevoked":
        return Effect.succeed([event.grantId])
      case "SubjectSessionsRevoked":
      case "SubjectDisabled":
      case "SubjectForgotten":
        return grantsOf(event.subjectId, recordedAt)
      default:
        return Effect.succeed([])
    }
  }

  const workOf = (entry: Recorded): Effect.Effect<ReadonlyArray<Effect.Effect<void>>> =>
    Effect.flatMap(endedBy(entry), (grantIds) =>
      Effect.forEach(grantIds, (grantId) => tellingOf(entry.id, grantId)),
    ).pipe(
      Effect.map((tellings) => tellings.filter((telling) => telling !== undefined)),
      // What the store cannot say for now is asked again: nothing is passed over for it.
      Effect.retry({
        while: (failure) => !(failure instanceof OAuthError),
        schedule: Schedule.spaced(AGAIN_MILLIS),
      }),
      Effect.orElseSucceed(() => []),
    )

  return followInTurn(log, {
    reader: "back-channel logout",
    now: context.now,
    workOf,
    onSkipped: (entryCount) =>
      onFault(`nobody told clients of sign-outs for so long that ${entryCount} entries of the log are left out`),
  }).pipe(
    Effect.tapError(({ message }) =>
      Effect.sync(() => onFault(`clients are not told for now that somebody signed out: ${message}`)),
    ),
    Effect.retry({ while: ({ reason }) => reason !== "closed", schedule: Schedule.spaced(AGAIN_MILLIS) }),
    Effect.ignore,
  )
}

/**
 * Initial access tokens: an operator invites one client to register itself (RFC 7591 3).
 *
 * Such a token is encrypted under the key ring, so that any instance can tell that it was made here; nothing is stored of
 * it. It is good for one registration, in whose transaction it is used up, and ends by itself.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { EpochMillis, endOf, inSeconds } from "../core/index.ts"
import type { CarriedValues } from "./CarriedValues.ts"
import type { HandlerContext } from "./CommandHandler.ts"
import { readerOf } from "./Decoding.ts"
import { oauthError, type OAuthError } from "./OAuthError.ts"
import { base62 } from "./Token.ts"
import type { SingleUse } from "./TokenRequests.ts"

const PURPOSE = "initial access token"
const DAY_SECONDS = 86_400
const MAX_LIFETIME_SECONDS = 365 * DAY_SECONDS

/** A token that lets one client register itself; `expiresAt` is in seconds since the epoch. */
export interface InitialAccessToken {
  readonly token: string
  readonly expiresAt: number
}

const isInvitation = Schema.is(Schema.Struct({ id: Schema.String, expiresAt: EpochMillis }))

const lifetimeOf = readerOf(
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: MAX_LIFETIME_SECONDS })),
  "invalid_request",
  `lifetimeSeconds is no whole number from 1 to ${MAX_LIFETIME_SECONDS}`,
)

/** RFC 6750 3.1, with the challenge that goes with it. */
export const invalidToken = (sentence: string): OAuthError =>
  oauthError("invalid_token", sentence, { "www-authenticate": 'Bearer error="invalid_token"' })

export const initialAccess = ({ randomness, time }: HandlerContext, carried: CarriedValues) => ({
  newInitialAccessToken: ({ lifetimeSeconds = DAY_SECONDS }: { readonly lifetimeSeconds?: number } = {}) =>
    Effect.gen(function* (): Effect.fn.Return<InitialAccessToken, OAuthError> {
      const expiresAt = endOf(time.now(), inSeconds(yield* lifetimeOf(lifetimeSeconds)))
      const id = base62(randomness.bytes(16), 22)
      const token = yield* Effect.promise(() => carried.encrypt(PURPOSE, { id, expiresAt }))
      return { token, expiresAt: Math.floor(expiresAt / 1000) }
    }),
  /** What a registration with this token uses up. */
  usedByRegistration: (token: string | undefined) =>
    Effect.gen(function* (): Effect.fn.Return<ReadonlyArray<SingleUse>, OAuthError> {
      if (token === undefined) {
        const sentence = "clients register here with an initial access token: ask the operator for one"
        return yield* oauthError("invalid_token", sentence, { "www-authenticate": "Bearer" })
      }
      const invitation = yield* Effect.promise(() => carried.decrypt(PURPOSE, token))
      if (!isInvitation(invitation) || time.now() >= invitation.expiresAt) {
        return yield* invalidToken("the initial access token was not made here, or has expired")
      }
      const refusal = invalidToken("the initial access token was used before: it is good for one registration")
      return [{ key: `${PURPOSE} ${invitation.id}`, until: invitation.expiresAt, refusal }]
    }),
})

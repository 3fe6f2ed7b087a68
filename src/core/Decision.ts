/**
 * A decision: the events that happened, and the answer to whoever asked.
 *
 * A refusal is an answer, not an exception, and may come with events: a replayed code is both refused and recorded.
 */
import type { RegisteredClient } from "./Client.ts"
import type { DetailTexts } from "./AuthorizationDetails.ts"
import type { AccessToken, Descent, Event } from "./Event.ts"
import type { OpenGrant } from "./Grant.ts"
import { refused, type RefusalReason, type Refused } from "./Refusal.ts"
import type { Resources } from "./Resource.ts"
import type { Scopes } from "./Scope.ts"
import type { EpochMillis } from "./Time.ts"

export type RefreshTokenState = NonNullable<OpenGrant["refresh"]>["current"]

/** The answer to a command. */
export type Reply =
  | { readonly _tag: "Done" }
  | {
      readonly _tag: "ClientStored"
      /** The client, as it is registered now. */
      readonly client: RegisteredClient
    }
  | {
      readonly _tag: "CodeIssued"
      /** When the code expires. */
      readonly expiresAt: EpochMillis
      /** The scopes that were granted. */
      readonly scopes: Scopes
      /** The resources that were granted. */
      readonly resources: Resources
      /** What it allows besides; absent where there is nothing. */
      readonly authorizationDetails?: DetailTexts
    }
  | {
      readonly _tag: "TokensIssued"
      /** What is known of the access token. */
      readonly accessToken: AccessToken
      /** What is known of the refresh token; `null` where there is none. */
      readonly refreshToken: RefreshTokenState | null
      /** Whether they were issued before, and are given again because the answer got lost. */
      readonly isRetry: boolean
      /** What the grant came of and who acts in it, of one that was opened for the token. */
      readonly descent?: Descent
    }
  | Refused

/** What deciding gives: events to append to their streams, and the reply. */
export interface Decision {
  /** What is to be appended, in order; nothing where nothing happened. */
  readonly events: ReadonlyArray<Event>
  /** What the caller is told, once the events are durable. */
  readonly reply: Reply
}

export const accept = (events: ReadonlyArray<Event>, reply: Reply = { _tag: "Done" }): Decision => ({ events, reply })

export const deny = (reason: RefusalReason, detail?: string): Decision => ({
  events: [],
  reply: refused(reason, detail),
})

/** A refusal that proves something worth recording. */
export const denyWith = (events: ReadonlyArray<Event>, reason: RefusalReason): Decision => ({
  events,
  reply: refused(reason),
})

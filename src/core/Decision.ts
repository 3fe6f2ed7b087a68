/**
 * A decision: the events that happened, and the answer to whoever asked.
 *
 * A refusal is an answer, not an exception, and may come with events: a replayed code is both refused and recorded.
 */
import type { RegisteredClient } from "./Client.ts"
import type { AccessToken, Event } from "./Event.ts"
import type { OpenGrant } from "./Grant.ts"
import { refused, type RefusalReason, type Refused } from "./Refusal.ts"
import type { Resources } from "./Resource.ts"
import type { Scopes } from "./Scope.ts"
import type { EpochMillis } from "./Time.ts"

export type RefreshTokenState = NonNullable<OpenGrant["refresh"]>["current"]

/** The answer to a command. */
export type Reply =
  | { readonly _tag: "Done" }
  | { readonly _tag: "ClientStored"; readonly client: RegisteredClient }
  | {
      readonly _tag: "CodeIssued"
      readonly expiresAt: EpochMillis
      readonly scopes: Scopes
      readonly resources: Resources
    }
  | {
      readonly _tag: "TokensIssued"
      readonly accessToken: AccessToken
      readonly refreshToken: RefreshTokenState | null
      readonly isRetry: boolean
    }
  | Refused

/** What deciding gives: events to append to their streams, and the reply. */
export interface Decision {
  readonly events: ReadonlyArray<Event>
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

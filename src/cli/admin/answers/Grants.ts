/** What is answered about grants. */
import * as Schema from "effect/Schema"
import { Event } from "../../../core/index.ts"
import { cursors } from "./Clients.ts"

export const ListedGrant = Schema.Struct({
  grant_id: Schema.String,
  status: Schema.Literals(["open", "suspended", "expired", "revoked", "denied", "ended"]).annotate({
    description:
      "`suspended` while its client is disabled; `ended` with its client, its subject or what it came of, not by name",
  }),
  client_id: Schema.String,
  client_name: Schema.NullOr(Schema.String),
  subject: Schema.NullOr(Schema.String).annotate({ description: "`null` where a client acts for itself" }),
  scope: Schema.String,
  resource: Schema.Array(Schema.String),
  opened: Schema.String.annotate({ description: "a time in UTC; empty for a request that was denied" }),
  ends: Schema.String.annotate({ description: "when it ends by itself at the latest, or ended", format: "date-time" }),
})
export type ListedGrant = typeof ListedGrant.Type

export const GrantList = Schema.Struct({ grants: Schema.Array(ListedGrant), ...cursors }).annotate({
  identifier: "GrantList",
  description: "Grants, a page of them",
})

/** An entry of the log. */
export const Entry = Schema.Struct({
  actor: Schema.NullOr(Schema.String).annotate({ description: "a client, a subject, or `operator`" }),
  causationId: Schema.NullOr(Schema.String),
  correlationId: Schema.String.annotate({ description: "the request that it came of" }),
  event: Event.annotate({ identifier: "Event", description: "What happened" }),
  id: Schema.String,
  position: Schema.Int.annotate({ description: "where it stands in the log, from 0" }),
  recordedAt: Schema.Int.annotate({ description: "milliseconds since the epoch" }),
  sealed: Schema.NullOr(Schema.String).annotate({ description: "the origin of its request, encrypted" }),
  stream: Schema.String,
  version: Schema.Int,
}).annotate({ identifier: "Entry", description: "An entry of the log" })

export const GrantHistory = Schema.Struct({
  entries: Schema.Array(Entry),
  olderCount: Schema.Int.annotate({ description: "how many older events are left out" }),
  newerCount: Schema.Int.annotate({ description: "how many newer events are left out" }),
  before: Schema.NullOr(Schema.Int).annotate({ description: "what to give as `before` for the page before this" }),
  after: Schema.NullOr(Schema.Int).annotate({ description: "what to give as `after` for the page behind this" }),
  clientNames: Schema.Record(Schema.String, Schema.String).annotate({
    description: "what the clients call themselves",
  }),
}).annotate({ identifier: "GrantHistory", description: "Events of a grant, a page of them, the oldest first" })

export const GrantDone = Schema.Struct({ grant_id: Schema.String, done: Schema.Literal("revoked") }).annotate({
  identifier: "GrantDone",
  description: "What was done to a grant",
})

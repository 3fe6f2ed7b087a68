/** What is answered about clients. */
import * as Schema from "effect/Schema"
import { ClientMetadata, ClientOrigin, ClientPolicy, Client as ClientState } from "../../../core/index.ts"

const Time = Schema.String.annotate({ description: "a time in UTC", format: "date-time" })

/** Where a page of a list goes on: `null` where there is nothing on that side. */
export const cursors = {
  before: Schema.NullOr(Schema.String).annotate({ description: "what to give as `before` to go back" }),
  after: Schema.NullOr(Schema.String).annotate({ description: "what to give as `after` to go on" }),
}

/** A client as a list has it. */
export const ListedClient = Schema.Struct({
  client_id: Schema.String,
  name: Schema.optionalKey(Schema.String),
  status: Schema.Literals(["enabled", "disabled"]),
  method: Schema.String.annotate({ description: "how it proves itself (`token_endpoint_auth_method`)" }),
  origin: ClientOrigin,
  audience: Schema.NullOr(Schema.String).annotate({ description: "what it is the resource server of" }),
  registered: Time,
})
export type ListedClient = typeof ListedClient.Type

export const ClientList = Schema.Struct({ clients: Schema.Array(ListedClient), ...cursors }).annotate({
  identifier: "ClientList",
  description: "Clients, a page of them",
})

const { metadata, secret, registeredAt, ...standing } = ClientState.cases.Registered.fields

/** A client with everything that is known of it, without its secret. */
export const Client = Schema.Struct({
  clientId: standing.clientId,
  status: standing.status,
  epoch: standing.epoch,
  replacedSecret: standing.replacedSecret,
  registrationToken: standing.registrationToken,
  audience: standing.audience,
  origin: standing.origin,
  policy: Schema.optionalKey(ClientPolicy),
  metadataDigest: standing.metadataDigest,
  registeredAt: Time,
  hasSecret: Schema.Boolean,
  ...ClientMetadata.fields,
}).annotate({ identifier: "Client", description: "A client; what its secrets are known by is their SHA-256" })

/** What a client is told of itself (RFC 7591 3.2.1), its secret the once. */
export const ClientInformation = Schema.StructWithRest(
  Schema.Struct({
    client_id: Schema.String,
    client_secret: Schema.optionalKey(Schema.String.annotate({ description: "in this answer and in no other" })),
  }),
  [Schema.Record(Schema.String, Schema.Unknown)],
).annotate({ identifier: "ClientInformation", description: "As RFC 7591 3.2.1 has it, its secret the once" })

export const ClientDone = Schema.Struct({
  client_id: Schema.String,
  client_name: Schema.NullOr(Schema.String),
  done: Schema.Literals(["disabled", "enabled", "deleted"]),
}).annotate({ identifier: "ClientDone", description: "What was done to a client" })

export const Invitation = Schema.Struct({
  initial_access_token: Schema.String.annotate({ description: "in this answer and in no other" }),
  expires: Time,
}).annotate({ identifier: "Invitation", description: "A token by which one client may register itself" })

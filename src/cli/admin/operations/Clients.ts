/** The operations on clients. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { Client as ClientState } from "../../../core/index.ts"
import type { AuthorizationServer, Failure } from "../../../provider/index.ts"
import { absent, type CommandFault } from "../../Failure.ts"
import { pageOf, type Reading } from "../../Listing.ts"
import { time } from "../../Print.ts"
import { Client, ClientDone, ClientInformation, ClientList, Invitation, type ListedClient } from "../answers/Clients.ts"
import { operation } from "../Operation.ts"
import type { Place } from "../Place.ts"
import { pageFields } from "./Pages.ts"

const client_id = Schema.String.annotate({ description: "the client's id" })

const summary = (client: ClientState): ListedClient | undefined =>
  client._tag === "Registered"
    ? {
        client_id: client.clientId,
        ...(client.metadata.client_name === undefined ? {} : { name: client.metadata.client_name }),
        status: client.status,
        method: client.metadata.token_endpoint_auth_method,
        origin: client.origin,
        audience: client.audience,
        registered: time(client.registeredAt),
      }
    : undefined

const READ_AT_ONCE = 500

/** The clients that are there, behind one of them: the deleted among them are passed over. */
const listed = Effect.fnUntraced(function* (server: AuthorizationServer, { after, isReversed, limit: count }: Reading) {
  const rows: Array<ListedClient> = []
  for (let behind = after; ;) {
    const page = { ...(behind === undefined ? {} : { after: behind }), isReversed, limit: READ_AT_ONCE }
    const some = yield* server.clients(page)
    for (const client of some) {
      if (client._tag !== "Absent") behind = client.clientId
      const row = summary(client)
      if (row !== undefined) rows.push(row)
      if (rows.length === count) return rows
    }
    if (some.length < READ_AT_ONCE) return rows
  }
})

export const listClients = operation({
  name: "listClients",
  group: "clients",
  method: "GET",
  path: "/admin/clients",
  summary: "List the clients",
  description: "The newest first. Deleted clients are left out.",
  status: 200,
  refusals: [],
  fields: pageFields("the oldest first, instead of the newest"),
  answer: ClientList,
  run: Effect.fnUntraced(function* (place, asked) {
    const { server } = yield* place.workplace
    const { rows, ...cursors } = yield* pageOf(
      asked,
      (row: ListedClient) => row.client_id,
      (reading) => listed(server, reading),
    )
    return { clients: rows, ...cursors }
  }),
})

const noClient = (clientId: string) => absent(`there is no client \`${clientId}\``)

const find = Effect.fnUntraced(function* ({ workplace }: Place, clientId: string) {
  const { server } = yield* workplace
  const client = yield* server.client(clientId)
  return client === undefined ? yield* noClient(clientId) : { server, client }
})

/** What is done to a client that was there; where it was deleted since, it is not there. */
const doneTo = <A>(clientId: string, doing: Effect.Effect<A, Failure>): Effect.Effect<A, Failure | CommandFault> =>
  Effect.catchIf(
    doing,
    (failure) => failure._tag === "OAuthError" && failure.error === "invalid_client",
    () => noClient(clientId),
  )

export const showClient = operation({
  name: "showClient",
  group: "clients",
  method: "GET",
  path: "/admin/clients/{client_id}",
  summary: "Show a client",
  description: "Everything that is known of it, without its secret.",
  status: 200,
  refusals: ["not_found"],
  fields: { client_id },
  answer: Client,
  run: Effect.fnUntraced(function* (place, asked) {
    const { client } = yield* find(place, asked.client_id)
    const { secret, metadata, _tag, ...standing } = client
    return { ...standing, registeredAt: time(client.registeredAt), hasSecret: secret !== null, ...metadata }
  }),
})

export const addClient = operation({
  name: "addClient",
  group: "clients",
  method: "POST",
  path: "/admin/clients",
  summary: "Add a client or a resource server",
  description:
    "The metadata is that of RFC 7591 section 2. A client that proves itself by a secret gets one, in this answer and in no other.",
  status: 201,
  refusals: ["invalid_client_metadata"],
  fields: {
    metadata: Schema.Record(Schema.String, Schema.Unknown).annotate({
      description: "what it is, as in RFC 7591 section 2",
      examples: [{ client_name: "nightly report", redirect_uris: [], grant_types: ["client_credentials"] }],
    }),
    client_id: Schema.optionalKey(Schema.String.annotate({ description: "its id; by default a new one" })),
    audience: Schema.optionalKey(
      Schema.String.annotate({ description: "makes it a resource server: it may introspect tokens for this resource" }),
    ),
    policy: Schema.optionalKey(
      Schema.Literal("first-party").annotate({ description: "your own: who is signed in is not asked what it may" }),
    ),
  },
  answer: ClientInformation,
  run: Effect.fnUntraced(function* ({ workplace }, { metadata, client_id: clientId, audience, policy }) {
    const { server } = yield* workplace
    const added = yield* server.addClient({
      metadata,
      ...(policy === undefined ? {} : { policy }),
      ...(clientId === undefined ? {} : { clientId }),
      ...(audience === undefined ? {} : { audience }),
    })
    const { scope } = metadata
    // Which scopes there are, `serve` knows; not who works on a client.
    return {
      ...added,
      ...(typeof scope === "string" ? { scope } : {}),
      ...(audience === undefined ? {} : { audience }),
    }
  }),
})

const acting = <const Done extends "disabled" | "enabled" | "deleted">(
  described: Pick<Parameters<typeof operation>[0], "name" | "method" | "path" | "summary" | "description">,
  done: Done,
  act: (server: AuthorizationServer, clientId: string) => ReturnType<AuthorizationServer["disableClient"]>,
) =>
  operation({
    ...described,
    group: "clients",
    status: 200,
    refusals: ["not_found"],
    fields: { client_id },
    answer: ClientDone,
    run: Effect.fnUntraced(function* (place, asked) {
      const { server, client } = yield* find(place, asked.client_id)
      yield* doneTo(client.clientId, act(server, client.clientId))
      return { client_id: client.clientId, client_name: client.metadata.client_name ?? null, done }
    }),
  })

export const disableClient = acting(
  {
    name: "disableClient",
    method: "POST",
    path: "/admin/clients/{client_id}/disable",
    summary: "Suspend a client",
    description: "It and all its grants are suspended until it is enabled.",
  },
  "disabled",
  (server, id) => server.disableClient(id),
)

export const enableClient = acting(
  {
    name: "enableClient",
    method: "POST",
    path: "/admin/clients/{client_id}/enable",
    summary: "Resume a suspended client",
    description: "What has not expired meanwhile is alive again.",
  },
  "enabled",
  (server, id) => server.enableClient(id),
)

export const deleteClient = acting(
  {
    name: "deleteClient",
    method: "DELETE",
    path: "/admin/clients/{client_id}",
    summary: "Delete a client for good",
    description: "All its grants end, and its id is never taken again.",
  },
  "deleted",
  (server, id) => server.deleteClient(id),
)

export const rotateClientSecret = operation({
  name: "rotateClientSecret",
  group: "clients",
  method: "POST",
  path: "/admin/clients/{client_id}/secret",
  summary: "Give a client a new secret",
  description: "It is in this answer and in no other. The old one ends at once, or after the overlap.",
  status: 200,
  refusals: ["not_found", "invalid_client_metadata"],
  fields: {
    client_id,
    overlap_seconds: Schema.optionalKey(
      Schema.Int.annotate({ description: "for how long the old secret is taken as well; by default not at all" }),
    ),
  },
  answer: ClientInformation,
  run: Effect.fnUntraced(function* (place, { overlap_seconds: overlapSeconds = 0, ...asked }) {
    const { server, client } = yield* find(place, asked.client_id)
    const { scope } = client.metadata
    const information = yield* doneTo(asked.client_id, server.rotateClientSecret(asked.client_id, { overlapSeconds }))
    return { ...information, ...(scope === undefined ? {} : { scope }) }
  }),
})

export const inviteClient = operation({
  name: "inviteClient",
  group: "clients",
  method: "POST",
  path: "/admin/invitations",
  summary: "Invite one client to register itself",
  description: "Makes an initial access token (RFC 7591 section 3), where serve has --registration invited.",
  status: 201,
  refusals: ["invalid_client_metadata"],
  fields: {
    lifetime_seconds: Schema.optionalKey(
      Schema.Int.annotate({ description: "how long the token is good; by default a day" }),
    ),
  },
  answer: Invitation,
  run: Effect.fnUntraced(function* ({ workplace }, { lifetime_seconds: lifetimeSeconds = 86_400 }) {
    const { server } = yield* workplace
    const { token, expiresAt } = yield* server.newInitialAccessToken({ lifetimeSeconds })
    return { initial_access_token: token, expires: time(expiresAt * 1000) }
  }),
})

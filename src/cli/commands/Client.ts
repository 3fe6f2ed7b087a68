/** `grantlog client …`: the clients that are known, and what an operator does with them. */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { called } from "../../audit/index.ts"
import type { Client } from "../../core/index.ts"
import type { AuthorizationServer } from "../../provider/index.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault } from "../Failure.ts"
import { issuer, json, located } from "../Flags.ts"
import { openForOperator, type OperatorFlags } from "../OpenStore.ts"
import { pageFlags, pageOf, printPage, type Reading } from "../Listing.ts"
import { printFields, printJson, printLine, time } from "../Print.ts"
import { add, shown } from "./ClientAdd.ts"

const clientId = Argument.String("client-id").pipe(Argument.withDescription("the client's id"))

const summary = (client: Client) =>
  client._tag === "Registered"
    ? {
        client_id: client.clientId,
        name: client.metadata.client_name,
        status: client.status,
        method: client.metadata.token_endpoint_auth_method,
        origin: client.origin,
        audience: client.audience,
        registered: time(client.registeredAt),
      }
    : undefined

const READ_AT_ONCE = 500

type Listed = NonNullable<ReturnType<typeof summary>>

/** The clients that are there, behind one of them: the deleted among them are passed over. */
const listed = Effect.fnUntraced(function* (server: AuthorizationServer, { after, isReversed, limit: count }: Reading) {
  const rows: Array<Listed> = []
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

const list = makeCommand(
  "list",
  { ...pageFlags("the oldest first, instead of the newest"), ...located, issuer, json },
  Effect.fn(function* (flags) {
    const { server } = yield* openForOperator(flags)
    const read = (reading: Reading) => listed(server, reading)
    const page = yield* pageOf(flags, (row: Listed) => row.client_id, read)
    yield* printPage(page, { name: "clients", none: "no clients yet", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List the clients, the newest first"))

const find = Effect.fnUntraced(function* (flags: OperatorFlags & { readonly clientId: string }) {
  const { server } = yield* openForOperator(flags)
  const client = yield* server.client(flags.clientId)
  if (client === undefined) {
    return yield* new CommandFault({ message: `there is no client \`${flags.clientId}\`` })
  }
  return { server, client }
})

const show = makeCommand(
  "show",
  { clientId, ...located, issuer, json },
  Effect.fn(function* (flags) {
    const { client } = yield* find(flags)
    const { secret, metadata, _tag, ...standing } = client
    const fields = { ...standing, registeredAt: time(client.registeredAt), hasSecret: secret !== null, ...metadata }
    yield* flags.json ? printJson(fields) : printFields(fields)
  }, Effect.scoped),
).pipe(Command.withDescription("Show one client"))

const acting = (
  name: string,
  description: string,
  past: string,
  act: (server: AuthorizationServer, clientId: string) => ReturnType<AuthorizationServer["disableClient"]>,
) =>
  makeCommand(
    name,
    { clientId, ...located, issuer, json },
    Effect.fn(function* (flags) {
      const { server, client } = yield* find(flags)
      const { clientId: id } = client
      const name = client.metadata.client_name ?? null
      yield* act(server, id)
      yield* flags.json
        ? printJson({ client_id: id, client_name: name, done: past })
        : printLine(`client ${called(id, name)} is ${past}`)
    }, Effect.scoped),
  ).pipe(Command.withDescription(description))

const invite = makeCommand(
  "invite",
  {
    ttl: Flag.Int("ttl").pipe(Flag.withDescription("seconds that the token is good"), Flag.withDefault(86_400)),
    ...located,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    const { server } = yield* openForOperator(flags)
    const { token, expiresAt } = yield* server.newInitialAccessToken({ lifetimeSeconds: flags.ttl })
    const said = { initial_access_token: token, expires: time(expiresAt * 1000) }
    yield* flags.json ? printJson(said) : printFields(said)
  }, Effect.scoped),
).pipe(
  Command.withDescription(
    "Make a token by which one client may register itself, where serve has --registration invited",
  ),
)

const rotateSecret = makeCommand(
  "rotate-secret",
  {
    clientId,
    overlap: Flag.Int("overlap").pipe(
      Flag.withDescription("seconds for which the old secret is taken as well, while its holder changes over"),
      Flag.withDefault(0),
    ),
    ...located,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    const { server, client } = yield* find(flags)
    const { scope } = client.metadata
    const information = yield* server.rotateClientSecret(flags.clientId, { overlapSeconds: flags.overlap })
    yield* shown({ ...information, ...(scope === undefined ? {} : { scope }) }, flags.json)
  }, Effect.scoped),
).pipe(
  Command.withDescription("Give a client a new secret, printed once; the old one ends at once, or after --overlap"),
)

export const client = Command.make("client").pipe(
  Command.withSubcommands([
    add,
    list,
    show,
    acting("disable", "Suspend a client and all its grants", "disabled", (server, id) => server.disableClient(id)),
    acting("enable", "Resume a suspended client", "enabled", (server, id) => server.enableClient(id)),
    acting("delete", "Delete a client for good: all its grants end", "deleted", (server, id) =>
      server.deleteClient(id),
    ),
    rotateSecret,
    invite,
  ]),
)

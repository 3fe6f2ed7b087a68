/** `grantlog client …`: the clients that are known, and what an operator does with them. */
import * as Effect from "effect/Effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { called } from "../../audit/index.ts"
import { openDesk } from "../admin/Desk.ts"
import {
  deleteClient,
  disableClient,
  enableClient,
  inviteClient,
  listClients,
  rotateClientSecret,
  showClient,
} from "../admin/operations/Clients.ts"
import { makeCommand } from "../Defaults.ts"
import { asked, issuer, json, located } from "../Flags.ts"
import { pageFlags, pageIn, printPage } from "../Listing.ts"
import { printFields, printJson, printLine } from "../Print.ts"
import { add, shown } from "./ClientAdd.ts"

const clientId = Argument.String("client-id").pipe(Argument.withDescription("the client's id"))

const place = { ...located, issuer, ...asked, json }

const list = makeCommand(
  "list",
  { ...pageFlags("the oldest first, instead of the newest"), ...place },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const { clients, ...cursors } = yield* ask(listClients, pageIn(flags))
    // A table has the columns of its first row.
    const rows = clients.map(({ client_id, name, ...others }) => ({ client_id, name, ...others }))
    yield* printPage({ rows, ...cursors }, { name: "clients", none: "no clients yet", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List the clients, the newest first"))

const show = makeCommand(
  "show",
  { clientId, ...place },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const fields = yield* ask(showClient, { client_id: flags.clientId })
    yield* flags.json ? printJson(fields) : printFields(fields)
  }, Effect.scoped),
).pipe(Command.withDescription("Show one client"))

const acting = (name: string, description: string, operation: typeof disableClient) =>
  makeCommand(
    name,
    { clientId, ...place },
    Effect.fn(function* (flags) {
      const { ask } = yield* openDesk(flags)
      const done = yield* ask(operation, { client_id: flags.clientId })
      yield* flags.json
        ? printJson(done)
        : printLine(`client ${called(done.client_id, done.client_name)} is ${done.done}`)
    }, Effect.scoped),
  ).pipe(Command.withDescription(description))

const invite = makeCommand(
  "invite",
  {
    ttl: Flag.Int("ttl").pipe(Flag.withDescription("seconds that the token is good"), Flag.withDefault(86_400)),
    ...place,
  },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const said = yield* ask(inviteClient, { lifetime_seconds: flags.ttl })
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
    ...place,
  },
  Effect.fn(function* (flags) {
    const { ask } = yield* openDesk(flags)
    const rotated = { client_id: flags.clientId, overlap_seconds: flags.overlap }
    yield* shown(yield* ask(rotateClientSecret, rotated), flags.json)
  }, Effect.scoped),
).pipe(
  Command.withDescription("Give a client a new secret, printed once; the old one ends at once, or after --overlap"),
)

export const client = Command.make("client").pipe(
  Command.withSubcommands([
    add,
    list,
    show,
    acting("disable", "Suspend a client and all its grants", disableClient),
    acting("enable", "Resume a suspended client", enableClient),
    acting("delete", "Delete a client for good: all its grants end", deleteClient),
    rotateSecret,
    invite,
  ]),
)

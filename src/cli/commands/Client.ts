/** `grantlog client …`: the clients that are known, and what an operator does with them. */
import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Client } from "../../core/index.ts"
import type { AuthorizationServer, OAuthClientInformationFull } from "../../provider/index.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { appSchemes, issuer, json, store, words } from "../Flags.ts"
import { openForOperator, type OperatorFlags } from "../OpenStore.ts"
import { after, limit, pageOf, printPage } from "../Listing.ts"
import { printFields, printJson, printLine, time } from "../Print.ts"

const clientId = Argument.String("client-id").pipe(Argument.withDescription("the client's id"))

const shown = (information: OAuthClientInformationFull, isJson: boolean) =>
  isJson ? printJson(information) : printFields({ ...information })

const add = Command.make(
  "add",
  {
    name: Flag.String("name").pipe(
      Flag.withDescription("what people shall see"),
      Flag.withSchema(Schema.NonEmptyString),
    ),
    redirectUri: Flag.String("redirect-uri").pipe(
      Flag.withDescription("where codes go; may be given several times"),
      Flag.atLeast(0),
    ),
    public: Flag.Boolean("public").pipe(Flag.withDescription("has no secret"), Flag.withDefault(false)),
    audience: Flag.String("audience").pipe(
      Flag.withDescription("makes it a resource server: it may introspect tokens for this resource"),
      Flag.optional,
    ),
    scope: Flag.String("scope").pipe(Flag.withDescription("the scopes it may ask for"), Flag.optional),
    clientId: Flag.String("client-id").pipe(Flag.withDescription("its id; minted if not given"), Flag.optional),
    store,
    issuer,
    appSchemes,
    json,
  },
  Effect.fn(function* (flags) {
    const usesCode = flags.redirectUri.length > 0
    const isResourceServer = Option.isSome(flags.audience)
    if (flags.public && !usesCode) {
      return yield* new UsageFault({
        message: "a client with --public needs --redirect-uri: it has no other way to a token",
      })
    }
    const { server } = yield* openForOperator(flags)
    const codeTypes = usesCode ? ["authorization_code", "refresh_token"] : []
    const ownTypes = usesCode || isResourceServer ? [] : ["client_credentials"]
    const information = yield* server.addClient({
      metadata: {
        client_name: flags.name,
        redirect_uris: flags.redirectUri,
        token_endpoint_auth_method: flags.public ? "none" : "client_secret_basic",
        grant_types: [...codeTypes, ...ownTypes],
        response_types: usesCode ? ["code"] : [],
        ...Option.match(flags.scope, { onNone: () => ({}), onSome: (scope) => ({ scope: words(scope).join(" ") }) }),
      },
      ...Option.match(flags.clientId, { onNone: () => ({}), onSome: (id) => ({ clientId: id }) }),
      ...Option.match(flags.audience, { onNone: () => ({}), onSome: (audience) => ({ audience }) }),
    })
    yield* shown(
      { ...information, ...Option.match(flags.audience, { onNone: () => ({}), onSome: (audience) => ({ audience }) }) },
      flags.json,
    )
  }, Effect.scoped),
).pipe(Command.withDescription("Add a client, or with --audience a resource server; prints its secret once"))

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

/** A page of the clients that are there: the deleted among them are passed over. */
const listed = Effect.fnUntraced(function* (server: AuthorizationServer, page: ReturnType<typeof pageOf>) {
  const rows: Array<NonNullable<ReturnType<typeof summary>>> = []
  for (let behind = page.after; ;) {
    const some = yield* server.clients({ ...(behind === undefined ? {} : { after: behind }), limit: READ_AT_ONCE })
    for (const client of some) {
      if (client._tag !== "Absent") behind = client.clientId
      const row = summary(client)
      if (row !== undefined) rows.push(row)
      if (rows.length === page.limit) return rows
    }
    if (some.length < READ_AT_ONCE) return rows
  }
})

const list = Command.make(
  "list",
  { after, limit: limit(10_000, 100), store, issuer, json },
  Effect.fn(function* (flags) {
    const { server } = yield* openForOperator(flags)
    yield* printPage(yield* listed(server, pageOf(flags)), {
      name: "clients",
      none: "no clients yet",
      idOf: "client_id",
      limit: flags.limit,
      isJson: flags.json,
    })
  }, Effect.scoped),
).pipe(Command.withDescription("List the clients, by id"))

const find = Effect.fnUntraced(function* (flags: OperatorFlags & { readonly clientId: string }) {
  const { server } = yield* openForOperator(flags)
  const client = yield* server.client(flags.clientId)
  if (client === undefined) {
    return yield* new CommandFault({ message: `there is no client \`${flags.clientId}\`` })
  }
  return { server, client }
})

const show = Command.make(
  "show",
  { clientId, store, issuer, json },
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
  Command.make(
    name,
    { clientId, store, issuer, json },
    Effect.fn(function* (flags) {
      const { server } = yield* find(flags)
      yield* act(server, flags.clientId)
      yield* flags.json
        ? printJson({ client_id: flags.clientId, done: past })
        : printLine(`client ${flags.clientId} is ${past}`)
    }, Effect.scoped),
  ).pipe(Command.withDescription(description))

const rotateSecret = Command.make(
  "rotate-secret",
  { clientId, store, issuer, json },
  Effect.fn(function* (flags) {
    const { server } = yield* find(flags)
    yield* shown(yield* server.rotateClientSecret(flags.clientId), flags.json)
  }, Effect.scoped),
).pipe(Command.withDescription("Give a client a new secret, printed once; the old one ends at once"))

export const client = Command.make("client").pipe(
  Command.withDescription("Clients and resource servers"),
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
  ]),
)

/** `grantlog client …`: the clients that are known, and what an operator does with them. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { called } from "../../audit/index.ts"
import type { Client } from "../../core/index.ts"
import {
  JWT_BEARER,
  TOKEN_EXCHANGE,
  type AuthorizationServer,
  type OAuthClientInformationFull,
} from "../../provider/index.ts"
import { DEVICE_CODE_GRANT } from "../../protocol/index.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { appSchemes, issuer, json, located, words } from "../Flags.ts"
import { openForOperator, type OperatorFlags } from "../OpenStore.ts"
import { pageFlags, pageOf, printPage, type Reading } from "../Listing.ts"
import { printFields, printJson, printLine, time } from "../Print.ts"

const clientId = Argument.String("client-id").pipe(Argument.withDescription("the client's id"))

const shown = (information: OAuthClientInformationFull, isJson: boolean) =>
  isJson ? printJson(information) : printFields({ ...information })

/** The keys that a client proves itself by, and that it does so; nothing for one that has a secret. */
const keysIn = Effect.fnUntraced(function* ({
  jwks,
  jwksUri,
  ...flags
}: {
  readonly jwks: Option.Option<string>
  readonly jwksUri: Option.Option<string>
  readonly public: boolean
}) {
  if (Option.isNone(jwks) && Option.isNone(jwksUri)) return {}
  if (flags.public)
    return yield* new UsageFault({ message: "a client with --public has no keys: leave out one of both" })
  if (Option.isSome(jwks) && Option.isSome(jwksUri)) {
    return yield* new UsageFault({ message: "--jwks and --jwks-uri exclude one another: give one of them" })
  }
  const method = { token_endpoint_auth_method: "private_key_jwt" }
  return Option.isSome(jwks)
    ? { ...method, jwks: yield* readKeySet(jwks.value) }
    : { ...method, jwks_uri: Option.getOrThrow(jwksUri) }
})

/** A JWK Set, or one key that becomes one; whether it is what it should be, the server says. */
const readKeySet = (file: string) =>
  Effect.try({
    try: (): unknown => {
      const said: unknown = JSON.parse(readFileSync(file, "utf8"))
      return typeof said === "object" && said !== null && "kty" in said ? { keys: [said] } : said
    },
    catch: () => new UsageFault({ message: `--jwks \`${file}\` cannot be read: name a file with a JWK Set in JSON` }),
  })

const add = makeCommand(
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
    device: Flag.Boolean("device").pipe(
      Flag.withDescription("may ask where there is no browser, if the server has --devices"),
      Flag.withDefault(false),
    ),
    public: Flag.Boolean("public").pipe(Flag.withDescription("has no secret"), Flag.withDefault(false)),
    jwks: Flag.String("jwks").pipe(
      Flag.withDescription("a file with its public keys (JWK Set): it signs assertions, and has no secret"),
      Flag.optional,
    ),
    jwksUri: Flag.String("jwks-uri").pipe(
      Flag.withDescription("the address where it publishes its public keys: likewise"),
      Flag.optional,
    ),
    exchanges: Flag.Boolean("token-exchange").pipe(
      Flag.withDescription("it may exchange tokens for others, where `serve` is told so too"),
      Flag.withDefault(false),
    ),
    assertions: Flag.Boolean("identity-assertions").pipe(
      Flag.withDescription("it may bring assertions of an identity provider that `serve` trusts"),
      Flag.withDefault(false),
    ),
    audience: Flag.String("audience").pipe(
      Flag.withDescription("makes it a resource server: it may introspect tokens for this resource"),
      Flag.optional,
    ),
    scope: Flag.String("scope").pipe(Flag.withDescription("the scopes it may ask for; by default all"), Flag.optional),
    clientId: Flag.String("client-id").pipe(Flag.withDescription("its id; by default a new one"), Flag.optional),
    ...located,
    issuer,
    appSchemes,
    json,
  },
  Effect.fn(function* (flags) {
    const usesCode = flags.redirectUri.length > 0
    const isResourceServer = Option.isSome(flags.audience)
    if (flags.public && !usesCode && !flags.device) {
      return yield* new UsageFault({
        message: "a client with --public needs --redirect-uri or --device: it has no other way to a token",
      })
    }
    const keys = yield* keysIn(flags)
    const { server } = yield* openForOperator(flags)
    const codeTypes = [...(usesCode ? ["authorization_code"] : []), ...(flags.device ? [DEVICE_CODE_GRANT] : [])]
    const refreshTypes = codeTypes.length > 0 ? ["refresh_token"] : []
    const brought = [...(flags.exchanges ? [TOKEN_EXCHANGE] : []), ...(flags.assertions ? [JWT_BEARER] : [])]
    const ownTypes = codeTypes.length > 0 || isResourceServer || brought.length > 0 ? [] : ["client_credentials"]
    const scope = Option.match(flags.scope, {
      onNone: () => ({}),
      onSome: (said) => ({ scope: words(said).join(" ") }),
    })
    const audience = Option.match(flags.audience, { onNone: () => ({}), onSome: (said) => ({ audience: said }) })
    const information = yield* server.addClient({
      metadata: {
        client_name: flags.name,
        redirect_uris: flags.redirectUri,
        token_endpoint_auth_method: flags.public ? "none" : "client_secret_basic",
        ...keys,
        grant_types: [...codeTypes, ...refreshTypes, ...ownTypes, ...brought],
        response_types: usesCode ? ["code"] : [],
        ...scope,
      },
      ...Option.match(flags.clientId, { onNone: () => ({}), onSome: (id) => ({ clientId: id }) }),
      ...audience,
    })
    // Which scopes there are, `serve` knows; not who adds a client.
    yield* shown({ ...information, ...scope, ...audience }, flags.json)
  }, Effect.scoped),
).pipe(
  Command.withDescription("Add a client, or with --audience a resource server; prints its secret once, if it has one"),
)

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

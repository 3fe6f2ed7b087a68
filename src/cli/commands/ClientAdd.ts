/** `grantlog client add`: a client or a resource server, by whatever it proves itself, and bound to what the operator says. */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { JWT_BEARER, TOKEN_EXCHANGE } from "../../provider/index.ts"
import { DEVICE_CODE_GRANT } from "../../protocol/index.ts"
import { openDesk } from "../admin/Desk.ts"
import { addClient } from "../admin/operations/Clients.ts"
import { makeCommand } from "../Defaults.ts"
import { UsageFault } from "../Failure.ts"
import { appSchemes, asked, issuer, json, located, optional, words } from "../Flags.ts"
import { openIdFlags, openIdMetadata, policyOf } from "../OpenIdClient.ts"
import { printFields, printJson } from "../Print.ts"

/** What a client is told of itself, with its secret the once. */
export const shown = (information: Readonly<Record<string, unknown>>, isJson: boolean) =>
  isJson ? printJson(information) : printFields(information)

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

/** What the client binds itself to, whatever the server asks of others; each where `serve` offers it. */
const requirementsIn = (flags: {
  readonly pushes: boolean
  readonly binds: boolean
  readonly signs: boolean
}): Readonly<Record<string, true>> => ({
  ...(flags.pushes ? { require_pushed_authorization_requests: true } : {}),
  ...(flags.binds ? { dpop_bound_access_tokens: true } : {}),
  ...(flags.signs ? { require_signed_request_object: true } : {}),
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

export const add = makeCommand(
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
    pushes: Flag.Boolean("require-pushed-requests").pipe(
      Flag.withDescription("it has to push its authorization requests, where `serve` takes those"),
      Flag.withDefault(false),
    ),
    binds: Flag.Boolean("require-dpop").pipe(
      Flag.withDescription("all its tokens have to be bound to a key, where `serve` has --dpop"),
      Flag.withDefault(false),
    ),
    signs: Flag.Boolean("require-signed-requests").pipe(
      Flag.withDescription("it has to sign its authorization requests by those keys, where `serve` takes such"),
      Flag.withDefault(false),
    ),
    exchanges: Flag.Boolean("token-exchange").pipe(
      Flag.withDescription("it may exchange tokens for others, where `serve` is told so too"),
      Flag.withDefault(false),
    ),
    assertions: Flag.Boolean("identity-assertions").pipe(
      Flag.withDescription("it may bring assertions of an identity provider that `serve` trusts"),
      Flag.withDefault(false),
    ),
    ...openIdFlags,
    audience: Flag.String("audience").pipe(
      Flag.withDescription("makes it a resource server: it may introspect tokens for this resource"),
      Flag.optional,
    ),
    scope: Flag.String("scope").pipe(Flag.withDescription("the scopes it may ask for; by default all"), Flag.optional),
    clientId: Flag.String("client-id").pipe(Flag.withDescription("its id; by default a new one"), Flag.optional),
    ...located,
    issuer,
    ...asked,
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
    if (flags.signs && !("token_endpoint_auth_method" in keys)) {
      return yield* new UsageFault({ message: "a client with --require-signed-requests needs --jwks or --jwks-uri" })
    }
    const { ask } = yield* openDesk(flags)
    const codeTypes = [...(usesCode ? ["authorization_code"] : []), ...(flags.device ? [DEVICE_CODE_GRANT] : [])]
    const refreshTypes = codeTypes.length > 0 ? ["refresh_token"] : []
    const brought = [...(flags.exchanges ? [TOKEN_EXCHANGE] : []), ...(flags.assertions ? [JWT_BEARER] : [])]
    const ownTypes = codeTypes.length > 0 || isResourceServer || brought.length > 0 ? [] : ["client_credentials"]
    const information = yield* ask(addClient, {
      metadata: {
        client_name: flags.name,
        redirect_uris: flags.redirectUri,
        token_endpoint_auth_method: flags.public ? "none" : "client_secret_basic",
        ...keys,
        ...requirementsIn(flags),
        grant_types: [...codeTypes, ...refreshTypes, ...ownTypes, ...brought],
        ...optional(
          "scope",
          Option.map(flags.scope, (said) => words(said).join(" ")),
        ),
        ...openIdMetadata(flags),
      },
      ...policyOf(flags),
      ...optional("client_id", flags.clientId),
      ...optional("audience", flags.audience),
    })
    yield* shown(information, flags.json)
  }, Effect.scoped),
).pipe(
  Command.withDescription("Add a client, or with --audience a resource server; prints its secret once, if it has one"),
)

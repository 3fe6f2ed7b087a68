/**
 * What `login`, `logout` and `token` share: which server, where the credentials lie, and who the client is there.
 *
 * Credentials lie in files of the user's own, encrypted where a key is in the environment.
 */
import { readFileSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import {
  defaultCacheDir,
  ENCRYPTION_KEY_VARIABLE,
  EncryptedKeyValue,
  encryptionKeysFromEnvironment,
  fileKeyValue,
  isOAuthClientError,
  OAuth,
  StorageError,
  TokenStorageAdapter,
  type OAuthClient,
  type OAuthOptions,
  type PrivateJwk,
} from "../client/index.ts"
import { CommandFault, UsageFault } from "./Failure.ts"
import { optional, text, words } from "./Flags.ts"

const mcpUrl = Argument.String("mcp-url").pipe(Argument.withDescription("the MCP server's address"))

const credentials = text("credentials", "the folder that logins are kept in").pipe(Flag.withDefault(defaultCacheDir()))

const clientId = text(
  "client-id",
  "the id that the server's operator gave; its secret is in GRANTLOG_CLIENT_SECRET",
).pipe(Flag.optional)

const clientIssuer = text(
  "client-issuer",
  "the issuer whose operator gave the id; by default the first that it is used with",
).pipe(Flag.optional)

const endpointOrigins = text(
  "endpoint-origins",
  "origins off the issuer's host that its endpoints may lie at, space-separated",
).pipe(Flag.withDefault(""))

const clientKey = text(
  "client-key",
  "a file with the private key, a JWK, by which the client proves itself in place of a secret",
).pipe(Flag.optional)

/** Which server, and what its operator said. */
export const mcpFlags = { mcpUrl, clientId, clientIssuer, clientKey, endpointOrigins, credentials }

export interface McpFlags {
  readonly mcpUrl: string
  readonly credentials: string
  readonly clientId: Option.Option<string>
  readonly clientIssuer: Option.Option<string>
  readonly clientKey: Option.Option<string>
  readonly endpointOrigins: string
}

/** Options of the client that its messages name, and the flags that set them. */
export const optionFlags: Readonly<Record<string, string>> = {
  clientId: "--client-id",
  clientIssuer: "--client-issuer",
  clientKey: "--client-key",
  endpointOrigins: "--endpoint-origins",
  callbackPort: "--callback-port",
}

/** A message of the client for whoever has flags in place of options. */
export const inFlags = (message: string): string => {
  const flagOf = (option: string) => (Object.hasOwn(optionFlags, option) ? optionFlags[option] : undefined)
  return message
    .replace(/^OAuth: ([A-Za-z]+)/, (whole, option: string) => flagOf(option) ?? whole)
    .replaceAll(/`([A-Za-z]+)`/g, (whole, option: string) => {
      const flag = flagOf(option)
      return flag === undefined ? whole : `\`${flag}\``
    })
}

/** The key in a file; nothing of what stands there is repeated. */
const readKey = (path: string): PrivateJwk => {
  const wrong = (why: string) => new UsageFault({ message: `--client-key \`${path}\` ${why}` })
  let text: string
  try {
    text = readFileSync(path, "utf8")
  } catch (cause) {
    throw wrong(`cannot be read (${(cause as NodeJS.ErrnoException).code ?? String(cause)})`)
  }
  try {
    const key = JSON.parse(text) as PrivateJwk
    if (typeof key.kty === "string") return key
  } catch {
    // No JSON, or `null`. What a parser says may repeat the key.
  }
  throw wrong("is no JWK in JSON: give a private key as one object with `kty`")
}

/** Does something with the client, which is told when the command is stopped; what it foresees to go wrong is a line for the user. */
export const withClient = <A>(
  flags: McpFlags,
  more: (stopped: AbortSignal) => Partial<OAuthOptions>,
  use: (oauth: OAuthClient) => Promise<A>,
): Effect.Effect<A, CommandFault | UsageFault> =>
  Effect.tryPromise({
    try: async (stopped) => {
      const files = fileKeyValue(flags.credentials)
      const isEncrypted = process.env[ENCRYPTION_KEY_VARIABLE] !== undefined
      const keyValue = isEncrypted ? EncryptedKeyValue(files, await encryptionKeysFromEnvironment()) : files
      // A secret is that of the client whose id is given, and of no other.
      const secret = Option.flatMap(flags.clientId, () => Option.fromUndefinedOr(process.env["GRANTLOG_CLIENT_SECRET"]))
      const about = {
        ...optional("clientId", flags.clientId),
        ...optional("clientSecret", secret),
        ...optional("clientIssuer", flags.clientIssuer),
        ...optional("clientKey", Option.map(flags.clientKey, readKey)),
        endpointOrigins: words(flags.endpointOrigins),
      }
      const tokenStorage = TokenStorageAdapter(keyValue, flags.mcpUrl)
      return use(OAuth({ mcpUrl: flags.mcpUrl, clientName: "grantlog", tokenStorage, ...about, ...more(stopped) }))
    },
    catch: (cause) => cause,
  }).pipe(
    Effect.catch((cause): Effect.Effect<never, CommandFault | UsageFault> =>
      cause instanceof UsageFault
        ? Effect.fail(cause)
        : isOAuthClientError(cause) || cause instanceof StorageError
          ? Effect.fail(new CommandFault({ message: inFlags(cause.message) }))
          : Effect.die(cause),
    ),
  )

/**
 * What `login`, `logout` and `token` share: which server, where the credentials lie, and who the client is there.
 *
 * Credentials lie in files of the user's own, encrypted where a key is in the environment.
 */
import { Effect, Option } from "effect"
import { Argument, Flag } from "effect/cli"
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
} from "../client/index.ts"
import { CommandFault } from "./Failure.ts"
import { text } from "./Flags.ts"

export const mcpUrl = Argument.String("mcp-url").pipe(Argument.withDescription("the MCP server's address"))

export const credentials = text("credentials", "the folder that logins are kept in").pipe(
  Flag.withDefault(defaultCacheDir()),
)

export const clientId = text(
  "client-id",
  "the id that the server's operator gave; its secret is in GRANTLOG_CLIENT_SECRET",
).pipe(Flag.optional)

export interface McpFlags {
  readonly mcpUrl: string
  readonly credentials: string
  readonly clientId: Option.Option<string>
}

/** Does something with the client; what it foresees to go wrong is a line for the user. */
export const withClient = <A>(
  flags: McpFlags,
  more: Partial<OAuthOptions>,
  use: (oauth: OAuthClient) => Promise<A>,
): Effect.Effect<A, CommandFault> =>
  Effect.tryPromise({
    try: async () => {
      const files = fileKeyValue(flags.credentials)
      const isEncrypted = process.env[ENCRYPTION_KEY_VARIABLE] !== undefined
      const keyValue = isEncrypted ? EncryptedKeyValue(files, await encryptionKeysFromEnvironment()) : files
      const secret = process.env["GRANTLOG_CLIENT_SECRET"]
      const given = Option.match(flags.clientId, {
        onNone: () => ({}),
        onSome: (id) => ({ clientId: id, ...(secret === undefined ? {} : { clientSecret: secret }) }),
      })
      const tokenStorage = TokenStorageAdapter(keyValue, flags.mcpUrl)
      return use(OAuth({ mcpUrl: flags.mcpUrl, clientName: "grantlog", tokenStorage, ...given, ...more }))
    },
    catch: (cause) => cause,
  }).pipe(
    Effect.catch((cause) =>
      isOAuthClientError(cause) || cause instanceof StorageError
        ? Effect.fail(new CommandFault({ message: cause.message }))
        : Effect.die(cause),
    ),
  )

/**
 * grantlog as it is measured: over a SQLite file in a folder or over a database, its key ring in the folder, and its clients.
 *
 * A folder that was filled before has tokens of its own, so that a load meets rows from all over the file.
 */
import { join } from "node:path"
import {
  authorizationServer,
  openKeyFile,
  postgresStore,
  sqliteStore,
  type EmbeddedServer,
} from "../../src/entry/grantlog.ts"
import type { SqliteSettings } from "../../src/log/index.ts"
import type { KeyRingFile } from "../../src/provider/index.ts"
import { filledTokens } from "./FilledLog.ts"
import { REDIRECT_URI, RESOURCE, type Target } from "./Target.ts"

export const databaseIn = (folder: string): string => join(folder, "grantlog.db")

export const keysIn = (folder: string): KeyRingFile => openKeyFile(join(folder, "keys.json"))

export interface Opened {
  readonly server: EmbeddedServer
  /** What to ask it with, once it is known where it listens. */
  readonly target: (url: string) => Target
}

/** The server alone. */
export const startServer = (
  folder: string,
  settings: SqliteSettings = {},
  database?: string,
): Promise<EmbeddedServer> =>
  authorizationServer({
    store:
      database === undefined
        ? sqliteStore(databaseIn(folder), settings)
        : postgresStore(database, settings.onCommit === undefined ? {} : { onCommit: settings.onCommit }),
    keys: keysIn(folder),
    config: { issuer: "http://localhost", autoApprove: "alice", tokenRate: "off", registrationRate: "off" },
  })

/** The server with clients added to it. */
export const openServer = async (folder: string, settings?: SqliteSettings, database?: string): Promise<Opened> => {
  const server = await startServer(folder, settings, database)
  const { client_id: clientId } = await server.addClient({
    metadata: {
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
    },
  })
  const itself = await server.addClient({ metadata: { redirect_uris: [], grant_types: ["client_credentials"] } })
  const introspector = await server.addClient({ metadata: { redirect_uris: [], grant_types: [] }, audience: RESOURCE })
  const credentials = { clientId: itself.client_id, secret: itself.client_secret! }
  const filled = filledTokens(folder)
  const issued = async () => {
    const answer = await server.issueToken({
      credentials: { clientId: credentials.clientId, clientSecret: credentials.secret },
      resource: [RESOURCE],
    })
    return [answer.access_token]
  }
  const tokens = filled.length > 0 ? filled : await issued()
  return {
    server,
    target: (url) => ({
      host: "localhost",
      authorizationEndpoint: `${url}/authorize`,
      tokenEndpoint: `${url}/token`,
      clientId,
      introspection: {
        endpoint: `${url}/introspect`,
        credentials: { clientId: introspector.client_id, secret: introspector.client_secret! },
        tokens,
      },
      itself: credentials,
    }),
  }
}

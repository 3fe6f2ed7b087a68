/**
 * Credentials in files of the user's own folder, in clear: the storage that needs nothing set up.
 *
 * Every server has its own, by its whole address; programs that use the same folder share them. Who wants them encrypted
 * puts an `EncryptedKeyValue` between a `fileKeyValue` and a `TokenStorageAdapter`.
 */
import { createHash } from "node:crypto"
import { join } from "node:path"
import envPaths from "env-paths"
import { fileKeyValue } from "./FileKeyValue.ts"
import { TokenStorageAdapter, canonicalUrl } from "./TokenStorageAdapter.ts"
import type { TokenStorage } from "./TokenStorage.ts"

export interface FileTokenStorage extends TokenStorage {
  /** Scheme, host and port of the server. */
  readonly getBaseUrl: () => string
  /** A short name for the server that no other server has, good as a file name anywhere. */
  readonly getCacheKey: () => string
  /** Forgets the credentials of every server in the folder, and removes nothing else from it. */
  readonly clearAll: () => Promise<void>
}

/** Where the platform wants an application's data: tokens are not to go when somebody empties a cache. */
export const defaultCacheDir = (): string => join(envPaths("grantlog", { suffix: "" }).data, "mcp-client")

/**
 * Keeps the credentials for `serverUrl` in `cacheDir`, made with 0700 when something is stored; the files have 0600.
 *
 * @example
 * import { FileTokenStorage, OAuth } from "grantlog/client"
 *
 * const mcpUrl = "https://mcp.example.com/mcp"
 * const oauth = OAuth({ mcpUrl, tokenStorage: FileTokenStorage(mcpUrl, "tokens") })
 */
export const FileTokenStorage = (serverUrl: string, cacheDir: string = defaultCacheDir()): FileTokenStorage => {
  const keyValue = fileKeyValue(cacheDir)
  const storage = TokenStorageAdapter(keyValue, serverUrl)
  const { origin, host, href } = canonicalUrl(serverUrl)
  const digest = createHash("sha256").update(href).digest("hex").slice(0, 32)
  return {
    ...storage,
    getBaseUrl: () => origin,
    getCacheKey: () => `${host.replaceAll(/[^a-z0-9.-]/g, "_").slice(0, 80)}-${digest}`,
    clearAll: keyValue.clearAll,
  }
}

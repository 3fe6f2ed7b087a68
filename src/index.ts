/**
 * grantlog, embedded: an OAuth 2.1 authorization server whose every answer is a fold over an append-only log.
 *
 * @example
 * import { authorizationServer, createHandler, ephemeralKeys, memoryStore } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const handle = createHandler(server)
 */
export { createHandler, httpServer, nodeListener, type HandlerOptions } from "./http/index.ts"
export { StoreFault, openBetterSqlite3, openNodeSqlite } from "./log/index.ts"
export {
  ConfigFault,
  OAuthError,
  RateLimited,
  Unavailable,
  authorizationServer,
  createKeyFile,
  ephemeralKeys,
  fromOAuthProvider,
  inMemoryProvider,
  memoryStore,
  openKeyFile,
  postgresStore,
  readKeyFile,
  sqliteStore,
  toOAuthProvider,
  type AccessToken,
  type ApprovalPolicy,
  type AuthorizationCode,
  type AuthorizationParams,
  type EmbeddedServer,
  type Config,
  type OAuthClientInformationFull,
  type OAuthClientMetadata,
  type OAuthProvider,
  type OAuthToken,
  type RefreshToken,
} from "./provider/index.ts"

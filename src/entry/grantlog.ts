/**
 * `grantlog`: the authorization server inside a program of your own, over a store in memory, SQLite or PostgreSQL.
 *
 * Everything here speaks in Promises. What is for one trade alone has an entry of its own: `grantlog/resource` for who
 * checks tokens, `grantlog/client` for who asks for them, `grantlog/properties` for who tests a provider.
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
export {
  authorizationServer,
  type AsOf,
  type BlastQuestion,
  type EmbeddedOptions,
  type EmbeddedServer,
  type ExplainOptions,
  type ExportQuestion,
  type HistoryQuestion,
  type KeepCheckpointsOptions,
  type VerifyQuestion,
} from "../embedded/index.ts"
export {
  createHandler,
  httpServer,
  nodeListener,
  openIdLogin,
  ownLogin,
  type EndpointOptions,
  type HandlerOptions,
  type LimitOptions,
  type ListenerOptions,
  type NodeListener,
  type OpenIdOptions,
  type OwnLoginOptions,
  type OwnSession,
  type ServerTimeouts,
} from "../http/index.ts"
export {
  StoreFault,
  openBetterSqlite3,
  type OpenSqlite,
  type PostgresSettings,
  type SqliteSettings,
} from "../log/index.ts"
export {
  ConfigFault,
  OAuthError,
  RateLimited,
  Unavailable,
  createKeyFile,
  ephemeralKeys,
  fromOAuthProvider,
  inMemoryProvider,
  memoryStore,
  openKeyFile,
  postgresStore,
  readKeyFile,
  sqliteStore,
  standardFeatures,
  toOAuthProvider,
  type AccessToken,
  type AccessTokenFormat,
  type Account,
  type ApprovalPolicy,
  type AuthorizationCode,
  type AuthorizationParams,
  type AuthorizationRequestRead,
  type AuthorizationRequestSource,
  type Caller,
  type Capabilities,
  type ClientAuthentication,
  type ClientEndpoint,
  type ClientSource,
  type Config,
  type Connection,
  type Connections,
  type Credentials,
  type Feature,
  type FeatureAnswer,
  type FeatureContext,
  type GrantType,
  type InMemoryProviderOptions,
  type IssuedAccessToken,
  type KeyPurpose,
  type KeyRingFile,
  type NewClient,
  type OAuthClientInformationFull,
  type OAuthClientMetadata,
  type OAuthProvider,
  type OAuthToken,
  type Page,
  type PageFeature,
  type PageVisitor,
  type PostedForm,
  type Proof,
  type ProvenKey,
  type RefreshToken,
  type ResponseMode,
  type ResponseWay,
  type SenderConstraint,
  type ServerStore,
  type SingleUse,
  type TokenIntention,
  type TokenResponseMember,
} from "../provider/index.ts"
export type { Introspection, OAuthErrorCode } from "../protocol/index.ts"

/**
 * `grantlog/mcp`: an MCP server that takes tokens, with either generation of the MCP TypeScript SDK.
 *
 * No SDK is loaded before an adapter that is for it is made. What protects any resource is here as well, so that an MCP
 * server needs this entry alone.
 */
export { McpFault, authInfoOf, oauthServerProvider, oauthTokenVerifier, oauthTokenVerifierV1 } from "../mcp/index.ts"
export type {
  AuthInfo,
  McpFaultCode,
  OAuthServerProvider,
  OAuthTokenVerifier,
  ServerProviderOptions,
  VerificationOptions,
} from "../mcp/index.ts"
export { accessOf, inProcessVerifier, introspectionVerifier, jwtVerifier, protectResource } from "../resource/index.ts"
export type {
  IntrospectionOptions,
  JwtVerifierOptions,
  ProofOptions,
  ProtectOptions,
  ProtectedResource,
  TokenAlgorithm,
  VerifiedAccess,
  Verifier,
} from "../resource/index.ts"

/** Adapters to both generations of the MCP TypeScript SDK; each loads its own SDK, an optional peer, when it is made. */
export { authInfoOf, type AuthInfo } from "./AuthInfo.ts"
export { McpFault, type McpFaultCode } from "./McpFault.ts"
export type { VerificationOptions } from "./Verification.ts"
export { oauthServerProvider } from "./oauthServerProvider.ts"
export type { OAuthServerProvider, ServerProviderOptions } from "./ServerProvider.ts"
export { oauthTokenVerifierV1 } from "./v1.ts"
export { oauthTokenVerifier, type OAuthTokenVerifier } from "./v2.ts"

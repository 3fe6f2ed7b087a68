/** The other side: what a program hands to its HTTP client or MCP transport, so that it logs in and stays so. */
export { OAuth, type OAuthClient } from "./OAuth.ts"
export type { OAuthOptions } from "./Options.ts"
export type { CallbackAnswer, Steps } from "./Steps.ts"
export type { SdkProvider } from "./SdkProvider.ts"
export { OAuthClientProvider } from "./OAuthClientProvider.ts"
export { checkIfAuthRequired } from "./AuthRequired.ts"
export { ServerOAuthMetadata } from "./ServerMetadata.ts"
export type { AuthorizationServer } from "./ServerMetadata.ts"
export type { Discovered } from "./Discovery.ts"
export type { Transaction } from "./Authorization.ts"
export type { Challenge } from "./Challenge.ts"
export type { Fetch } from "./Outbound.ts"
export type { OpenBrowser } from "./Browser.ts"
export type { OAuthClientInformationFull, OAuthToken } from "./Wire.ts"
export {
  AuthorizationError,
  CallbackError,
  ClientNotFoundError,
  DiscoveryError,
  isOAuthClientError,
  OptionFault,
  RegistrationError,
  TokenError,
  type OAuthClientError,
} from "./ClientError.ts"
export * from "./storage/index.ts"

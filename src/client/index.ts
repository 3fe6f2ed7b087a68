/** The other side: what a program hands to its HTTP client or MCP transport, so that it logs in and stays so. */
export { OAuth, type OAuthClient } from "./OAuth.ts"
export type { OAuthOptions } from "./Options.ts"
export type { CallbackAnswer, LoginSteps } from "./authorization/LoginSteps.ts"
export type { SdkProvider } from "./sdk/SdkProvider.ts"
export { OAuthClientProvider } from "./OAuthClientProvider.ts"
export { checkIfAuthRequired } from "./discovery/AuthRequired.ts"
export { readServerMetadata } from "./discovery/ServerMetadata.ts"
export type { AuthorizationServer, ServerOAuthMetadata } from "./discovery/ServerMetadata.ts"
export type { Discovered } from "./discovery/Discovery.ts"
export type { PendingLogin } from "./authorization/PendingLogin.ts"
export type { Challenge, OAuthClientInformationFull, OAuthToken } from "../protocol/index.ts"
export type { Fetch } from "./Outbound.ts"
export type { ClientKey, ExternalKey, PrivateJwk } from "../proof/ClientAssertion.ts"
export type { DeviceLoginOptions, DevicePrompt } from "./authorization/DevicePrompt.ts"
export type { OpenBrowser } from "./authorization/Browser.ts"
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

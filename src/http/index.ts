/** The wire protocol: one table of endpoints, behind a fetch handler and a Node server. */
export { createHandler, type HandlerOptions } from "./adapters/Fetch.ts"
export {
  httpServer,
  nodeListener,
  type ListenerOptions,
  type NodeListener,
  type ServerTimeouts,
} from "./adapters/Node.ts"
export type { Answered } from "./Answered.ts"
export { makeEndpoints, type EndpointOptions, type MountedEndpoint } from "./Endpoints.ts"
export { defaultLimits, type LimitOptions } from "./Limits.ts"
export { asStep, type Step } from "./Steps.ts"
export { metadataOf, wellKnownPaths } from "./Metadata.ts"
export type { Login, LoginEndpoint, LoginFactory, LoginParts, LoginRequest, SignedIn } from "./login/Login.ts"
export type { LoginDemand } from "./login/LoginDemand.ts"
export { openIdLogin, type OpenIdOptions } from "./login/OpenIdLogin.ts"
export { ownLogin, type OwnLoginOptions, type OwnSession } from "./login/OwnLogin.ts"
export type { PasswordFault, PasswordGate } from "./login/PasswordGate.ts"
export { passwordLogin } from "./login/PasswordLogin.ts"
export type { WireReply, WireRequest } from "../provider/features/Wire.ts"

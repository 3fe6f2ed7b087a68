/** `grantlog/http`: the endpoints as a fetch handler or a node:http listener, and the logins that they take. */
export { createHandler, defaultLimits, httpServer, nodeListener, openIdLogin, passwordLogin } from "../http/index.ts"
export type {
  EndpointOptions,
  HandlerOptions,
  LimitOptions,
  ListenerOptions,
  Login,
  LoginEndpoint,
  LoginFactory,
  LoginParts,
  LoginRequest,
  MountedEndpoint,
  NodeListener,
  OpenIdOptions,
  ServerTimeouts,
  SignedIn,
  WireReply,
  WireRequest,
} from "../http/index.ts"

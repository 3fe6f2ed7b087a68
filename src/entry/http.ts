/** `grantlog/http`: the endpoints as a fetch handler or a node:http listener, and the logins that they take. */
export { createHandler, defaultLimits, httpServer, nodeListener, openIdLogin, ownLogin } from "../http/index.ts"
export type {
  Answered,
  EndpointOptions,
  HandlerOptions,
  LimitOptions,
  ListenerOptions,
  NodeListener,
  OpenIdOptions,
  OwnLoginOptions,
  OwnSession,
  ServerTimeouts,
  Step,
  WireReply,
  WireRequest,
} from "../http/index.ts"

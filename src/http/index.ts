/** The wire protocol: one table of endpoints, behind a fetch handler and a Node server. */
export { createHandler, type HandlerOptions } from "./adapters/Fetch.ts"
export { httpServer, nodeListener, type ServerTimeouts } from "./adapters/Node.ts"
export { makeEndpoints, type EndpointOptions } from "./Endpoints.ts"
export { metadataOf, wellKnownPaths } from "./Metadata.ts"
export type { WireReply, WireRequest } from "./Wire.ts"

/**
 * Protected resource metadata (RFC 9728): which authorization servers' tokens are taken here, and where that is told.
 *
 * `resource` is the string that was configured: clients discard a document that spells it in another way.
 */
import type { ResourceOptions } from "./Options.ts"
import type { ProofSettings } from "./ProofOptions.ts"
import type { PlainReply } from "./ResourceError.ts"

const WELL_KNOWN = "/.well-known/oauth-protected-resource"

/** The metadata of a protected resource (RFC 9728 section 2). */
export interface ResourceMetadata {
  /** The resource identifier. */
  readonly resource: string
  /** Issuers whose tokens it takes. */
  readonly authorization_servers: ReadonlyArray<string>
  /** Scopes that can be asked for. */
  readonly scopes_supported?: ReadonlyArray<string>
  /** How a token is presented (RFC 6750 section 2). */
  readonly bearer_methods_supported: ReadonlyArray<string>
  /** In which proofs of possession may be signed (RFC 9449 section 7). */
  readonly dpop_signing_alg_values_supported?: ReadonlyArray<string>
  /** Whether a token has to be bound to a key. */
  readonly dpop_bound_access_tokens_required?: boolean
  /** What people are shown as its name. */
  readonly resource_name?: string
  /** A page for developers. */
  readonly resource_documentation?: string
}

/** The well-known path, inserted before the resource's own path and query. */
//= RFC9728-3-well-known
export const metadataPath = (resource: string): string => {
  const { pathname, search } = new URL(resource)
  return WELL_KNOWN + (pathname === "/" ? "" : pathname) + search
}

/** Where the document is told: the inserted path, and the root that clients try last. */
//= MCP-AUTHZ-rs-prm
export const metadataPaths = (resource: string): ReadonlyArray<string> => [
  ...new Set([metadataPath(resource), WELL_KNOWN]),
]

export const metadataUrl = (resource: string): string => new URL(resource).origin + metadataPath(resource)

export const resourceMetadata = (options: ResourceOptions, proofs?: ProofSettings): ResourceMetadata => {
  const { resource, authorizationServers, scopes = [], scopesSupported = scopes } = options
  return {
    resource,
    authorization_servers: authorizationServers,
    ...(scopesSupported.length === 0 ? {} : { scopes_supported: scopesSupported }),
    bearer_methods_supported: ["header"],
    ...(proofs === undefined ? {} : { dpop_signing_alg_values_supported: proofs.algorithms }),
    ...(proofs?.isRequired === true ? { dpop_bound_access_tokens_required: true } : {}),
    ...(options.resourceName === undefined ? {} : { resource_name: options.resourceName }),
    ...(options.resourceDocumentation === undefined ? {} : { resource_documentation: options.resourceDocumentation }),
  }
}

/** Browsers may read it from any origin, and ask before with the headers that MCP clients send. */
const cors = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": "GET, HEAD, OPTIONS",
  "access-control-allow-headers": "Authorization, Content-Type, MCP-Protocol-Version",
  "access-control-max-age": "86400",
}

/** The answer to a request for the document; `undefined` where the request, a path with its query, is for something else. */
export const metadataReply = (
  options: ResourceOptions,
  proofs?: ProofSettings,
): ((method: string, path: string) => PlainReply | undefined) => {
  const paths = metadataPaths(options.resource)
  const body = JSON.stringify(resourceMetadata(options, proofs))
  const headers = { ...cors, "content-type": "application/json", "cache-control": "public, max-age=60" }
  return (method, path) => {
    if (!paths.includes(path) && !paths.includes(path.split("?")[0]!)) return undefined
    if (method === "GET") return { status: 200, headers, body }
    if (method === "HEAD") return { status: 200, headers, body: "" }
    if (method === "OPTIONS") return { status: 204, headers: cors, body: "" }
    return { status: 405, headers: { ...cors, allow: "GET, HEAD, OPTIONS" }, body: "" }
  }
}

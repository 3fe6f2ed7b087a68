/**
 * From a URL to the authorization server behind it: resource metadata (RFC 9728), then the issuer's own (RFC 8414, or
 * where OpenID Connect puts it), and for servers older than both the lenient way.
 *
 * The older way is taken only where there is no resource metadata or it names no server, never because it is wrong.
 */
import { DiscoveryError } from "./ClientError.ts"
import { fetchDocument } from "./Document.ts"
import { insertedWellKnown, pathOf, secureUrl } from "./Endpoint.ts"
import type { Fetch } from "./Outbound.ts"
import { discoverResource, type ProtectedResource } from "./ResourceMetadata.ts"
import { believed, readMetadata, type AuthorizationServer, type Belief } from "./ServerMetadata.ts"

/** The server to log in at, and what to ask it for. */
export interface Discovered {
  readonly server: AuthorizationServer
  /** What tokens are for (RFC 8707). */
  readonly resource: string
  /** All issuers whose tokens the resource takes. */
  readonly issuers: ReadonlyArray<string>
  readonly scopesSupported?: ReadonlyArray<string>
  /** Whether the resource said so itself (RFC 9728). */
  readonly isFromResource: boolean
}

export interface DiscoveryRequest {
  readonly fetch: Fetch
  readonly mcpUrl: string
  /** Where the resource's challenge says its metadata is. */
  readonly resourceMetadata?: string
  /** The issuer that credentials are at hand of: taken before others, if the resource lists it. */
  readonly preferredIssuer?: string
  readonly endpointOrigins: ReadonlyArray<string>
}

export const discover = async (request: DiscoveryRequest): Promise<Discovered> => {
  const resource = await discoverResource(request.fetch, request.mcpUrl, request.resourceMetadata)
  return resource === undefined || resource.authorizationServers.length === 0
    ? discoverLeniently(request)
    : discoverFor(request, resource)
}

const discoverFor = async (request: DiscoveryRequest, resource: ProtectedResource): Promise<Discovered> => {
  const { preferredIssuer, endpointOrigins } = request
  const issuers = resource.authorizationServers
  const issuer = issuers.find((one) => one === preferredIssuer) ?? issuers[0]!
  const url = secureUrl(issuer)
  if (url === undefined) {
    const message = `the issuer \`${issuer}\` is neither TLS nor loopback, so nothing is sent there`
    throw new DiscoveryError({ code: "endpoint_insecure", message })
  }
  const server = await firstOf(request.fetch, wellKnownOf(url), { issuer, endpointOrigins })
  if (server === undefined) {
    const message = `the issuer \`${issuer}\` has metadata at none of its well-known locations: ask whoever runs it`
    throw new DiscoveryError({ code: "metadata_not_found", message })
  }
  const { scopesSupported } = resource
  return {
    server,
    resource: resource.resource,
    issuers,
    isFromResource: true,
    ...(scopesSupported === undefined ? {} : { scopesSupported }),
  }
}

/** The prescribed order: path insertion first, OpenID's appended form last. */
//= MCP-AUTHZ-client-discovery-order
const wellKnownOf = (issuer: URL): ReadonlyArray<string> => {
  const inserted = ["oauth-authorization-server", "openid-configuration"].map((name) => insertedWellKnown(issuer, name))
  const path = pathOf(issuer)
  return path === "" ? inserted : [...inserted, `${issuer.origin}${path}/.well-known/openid-configuration`]
}

/** Before RFC 9728 the resource's own origin was the server; without any metadata the endpoints have fixed paths. */
const discoverLeniently = async ({ fetch, mcpUrl, endpointOrigins }: DiscoveryRequest): Promise<Discovered> => {
  const called = new URL(mcpUrl)
  const root = new URL(called.origin)
  const places = new Set([...wellKnownOf(root), ...wellKnownOf(called)])
  const server =
    (await firstOf(fetch, [...places], { endpointOrigins })) ??
    believed(
      {
        authorization_endpoint: `${called.origin}/authorize`,
        token_endpoint: `${called.origin}/token`,
        registration_endpoint: `${called.origin}/register`,
      },
      { foundAt: called.origin, endpointOrigins },
    )
  return { server, resource: mcpUrl, issuers: [server.issuer], isFromResource: false }
}

const firstOf = async (
  fetch: Fetch,
  places: ReadonlyArray<string>,
  belief: Omit<Belief, "foundAt">,
): Promise<AuthorizationServer | undefined> => {
  for (const place of places) {
    const document = await fetchDocument(fetch, place)
    if (document !== undefined) return believed(readMetadata(document), { ...belief, foundAt: place })
  }
  return undefined
}

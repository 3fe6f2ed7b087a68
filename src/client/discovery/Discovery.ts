/**
 * From a URL to the authorization server behind it: resource metadata (RFC 9728), then the issuer's own (RFC 8414, or
 * where OpenID Connect puts it), and for servers older than both the lenient way.
 *
 * What is wrong in one place leads on to the next. The older way is taken only where there is no resource metadata or it
 * names no server, never because it is wrong or cannot be had, and endpoints are made up only after a 404 everywhere.
 * While anything is wrong, whoever is logged in at one issuer is not sent to another.
 */
import type { DiscoveryError } from "../ClientError.ts"
import type { Fault } from "./MetadataDocument.ts"
import { secureUrl } from "../SecureUrl.ts"
import { insertedWellKnown, pathOf } from "./WellKnownUri.ts"
import type { Fetch } from "../Outbound.ts"
import { named, quoted } from "../ForeignText.ts"
import { member, type Members } from "../LenientReading.ts"
import { discoverResource, type ProtectedResource } from "./ResourceMetadata.ts"
import { lookUp, nothingFound } from "./WellKnownLookup.ts"
import {
  validatedMetadata,
  readServerMetadata,
  type AuthorizationServer,
  type MetadataSource,
} from "./ServerMetadata.ts"

/** The server to log in at, and what to ask it for. */
export interface Discovered {
  /** The authorization server. */
  readonly server: AuthorizationServer
  /** What tokens are for (RFC 8707). */
  readonly resource: string
  /** All issuers whose tokens the resource takes. */
  readonly issuers: ReadonlyArray<string>
  /** The scopes that the resource or the server names; absent where neither does. */
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
  const { fetch, mcpUrl, resourceMetadata } = request
  const { found, faults } = await discoverResource(fetch, mcpUrl, resourceMetadata)
  if (found !== undefined && found.authorizationServers.length > 0) return discoverFor(request, found, faults)
  if (faults.some(({ kind }) => kind === "broken")) throw noMetadata(mcpUrl, faults)
  return discoverLeniently(request, faults)
}

const noMetadata = (mcpUrl: string, faults: ReadonlyArray<Fault>): DiscoveryError =>
  nothingFound(`the resource ${named(mcpUrl)} has no usable metadata`, faults)

/**
 * Refuses what would lead from the issuer of a login to another one because a better place cannot be read.
 *
 * INVARIANT: an outage switches no authorization server.
 */
const checkSwitch = ({ preferredIssuer }: DiscoveryRequest, issuer: string, faults: ReadonlyArray<Fault>): void => {
  if (preferredIssuer === undefined || preferredIssuer === issuer) return
  if (faults.every(({ kind }) => kind === "absent")) return
  const what = `the login is of ${quoted(preferredIssuer)}, and what can be read of the metadata leads to ${quoted(issuer)}`
  throw nothingFound(what, faults, "try again later, or log out if the resource has moved")
}

const discoverFor = async (
  request: DiscoveryRequest,
  resource: ProtectedResource,
  faults: ReadonlyArray<Fault>,
): Promise<Discovered> => {
  const { fetch, preferredIssuer, endpointOrigins } = request
  const issuers = resource.authorizationServers
  const usable = issuers.filter((one) => secureUrl(one) !== undefined)
  const issuer = usable.find((one) => one === preferredIssuer) ?? usable[0]!
  checkSwitch(request, issuer, faults)
  const places = wellKnownOf(new URL(issuer))
  const servers = await lookUp(fetch, places, validating({ issuer, endpointOrigins }))
  if (servers.found === undefined) {
    throw nothingFound(`the issuer ${quoted(issuer)} has no usable metadata`, servers.faults)
  }
  return {
    server: servers.found,
    resource: resource.resource,
    issuers,
    isFromResource: true,
    ...member("scopesSupported", resource.scopesSupported),
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
const discoverLeniently = async (request: DiscoveryRequest, before: ReadonlyArray<Fault>): Promise<Discovered> => {
  const { fetch, mcpUrl, endpointOrigins } = request
  const called = new URL(mcpUrl)
  const places = [...wellKnownOf(new URL(called.origin)), ...wellKnownOf(called)]
  const { found, faults: here } = await lookUp(fetch, places, validating({ endpointOrigins }))
  const faults = [...before, ...here]
  if (found !== undefined) checkSwitch(request, found.issuer, faults)
  else if (faults.some(({ kind }) => kind !== "absent")) throw noMetadata(mcpUrl, faults)
  const server = found ?? withFixedPaths(called.origin, endpointOrigins)
  return { server, resource: mcpUrl, issuers: [server.issuer], isFromResource: false }
}

const withFixedPaths = (origin: string, endpointOrigins: ReadonlyArray<string>): AuthorizationServer =>
  validatedMetadata(
    {
      authorization_endpoint: `${origin}/authorize`,
      token_endpoint: `${origin}/token`,
      registration_endpoint: `${origin}/register`,
    },
    { foundAt: origin, endpointOrigins },
  )

const validating =
  (source: Omit<MetadataSource, "foundAt">) =>
  (document: Members, place: string): AuthorizationServer =>
    validatedMetadata(readServerMetadata(document), { ...source, foundAt: place })

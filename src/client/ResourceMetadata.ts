/**
 * What a protected resource says of itself (RFC 9728): which issuers' tokens it takes, and for which name.
 *
 * The document is looked for where the challenge says, then below the resource's path, then at the root. It counts only
 * if it is of the resource that is called: else it could have a token made for somebody else.
 */
import { Result, Schema } from "effect"
import { DiscoveryError } from "./ClientError.ts"
import { insertedWellKnown, pathOf, secureUrl } from "./Endpoint.ts"
import { fetchDocument } from "./Document.ts"
import type { Fetch } from "./Outbound.ts"

const SUFFIX = "oauth-protected-resource"

const Document = Schema.Struct({
  resource: Schema.String,
  authorization_servers: Schema.optionalKey(Schema.Array(Schema.String)),
  scopes_supported: Schema.optionalKey(Schema.Array(Schema.String)),
})

export interface ProtectedResource {
  /** What tokens are asked for: as the resource spells itself. */
  readonly resource: string
  readonly authorizationServers: ReadonlyArray<string>
  readonly scopesSupported?: ReadonlyArray<string>
}

/** The metadata of the resource at `mcpUrl`; `undefined` where it has none, as before RFC 9728. */
export const discoverResource = async (
  fetch: Fetch,
  mcpUrl: string,
  announced: string | undefined,
): Promise<ProtectedResource | undefined> => {
  const called = new URL(mcpUrl)
  const places = [insertedWellKnown(called, SUFFIX), `${called.origin}/.well-known/${SUFFIX}`]
  if (announced !== undefined) {
    const url = secureUrl(announced)
    if (url === undefined) {
      const message = `the resource names its metadata at \`${announced}\`, which is neither TLS nor loopback`
      throw new DiscoveryError({ code: "endpoint_insecure", message })
    }
    places.unshift(url.href)
  }
  for (const place of new Set(places)) {
    const document = await fetchDocument(fetch, place)
    if (document !== undefined) return believedResource(document, called, mcpUrl, place)
  }
  return undefined
}

const believedResource = (document: unknown, called: URL, mcpUrl: string, place: string): ProtectedResource => {
  const read = Schema.decodeUnknownResult(Document)(document)
  if (Result.isFailure(read)) {
    const message = `the resource metadata at \`${place}\` cannot be read: ${read.failure.message}`
    throw new DiscoveryError({ code: "metadata_malformed", message })
  }
  const { resource, authorization_servers = [], scopes_supported } = read.success
  //= RFC9728-3.3-resource-identical
  if (![mcpUrl, ...parentOf(place, called)].some((name) => isSameName(name, resource))) {
    const message = `the metadata at \`${place}\` is of the resource \`${resource}\`, not of \`${mcpUrl}\`: ask whoever runs the server`
    throw new DiscoveryError({ code: "resource_mismatch", message })
  }
  return {
    resource,
    authorizationServers: authorization_servers,
    ...(scopes_supported === undefined ? {} : { scopesSupported: scopes_supported }),
  }
}

/** The identifier that this well-known location is of, if what is called lies below it. */
const parentOf = (place: string, called: URL): ReadonlyArray<string> => {
  const url = new URL(place)
  const start = `/.well-known/${SUFFIX}`
  if (url.origin !== called.origin || !url.pathname.startsWith(start)) return []
  const path = url.pathname.slice(start.length)
  return `${pathOf(called)}/`.startsWith(`${path.replace(/\/$/, "")}/`) ? [`${url.origin}${path}`] : []
}

/** As strings, but that scheme and host have no case and a name without a path may have gained a slash on the way. */
const isSameName = (one: string, other: string): boolean => {
  if (one === other) return true
  const [left, right] = [URL.parse(one), URL.parse(other)]
  return left !== null && right !== null && left.href === right.href
}

/**
 * What a protected resource says of itself (RFC 9728): which issuers' tokens it takes, and for which name.
 *
 * The document is looked for where the challenge says, then below the resource's path, then at the root. It counts only
 * if it is of the resource that is called: else it could have a token made for somebody else.
 */
import { DiscoveryError } from "../ClientError.ts"
import type { Fault } from "./MetadataDocument.ts"
import { secureUrl } from "../SecureUrl.ts"
import { insertedWellKnown, pathOf } from "./WellKnownUri.ts"
import type { Fetch } from "../Outbound.ts"
import { named, quoted } from "../ForeignText.ts"
import { isText, isTexts, member, readableMembers, type Members } from "../LenientReading.ts"
import { lookUp, type Lookup } from "./WellKnownLookup.ts"

const SUFFIX = "oauth-protected-resource"

const readable = readableMembers<{ readonly resource: string; readonly scopes_supported: ReadonlyArray<string> }>({
  resource: isText,
  scopes_supported: isTexts,
})

export interface ProtectedResource {
  /** What tokens are asked for: as the resource spells itself. */
  readonly resource: string
  readonly authorizationServers: ReadonlyArray<string>
  readonly scopesSupported?: ReadonlyArray<string>
}

/** Looks for the metadata of the resource at `mcpUrl`; before RFC 9728 resources had none. */
export const discoverResource = async (
  fetch: Fetch,
  mcpUrl: string,
  announced: string | undefined,
): Promise<Lookup<ProtectedResource>> => {
  const called = new URL(mcpUrl)
  const usual = [insertedWellKnown(called, SUFFIX), `${called.origin}/.well-known/${SUFFIX}`]
  const first = announcedPlace(announced ?? "", mcpUrl)
  const places = typeof first === "string" ? [first, ...usual] : usual
  const { found, faults } = await lookUp(fetch, places, (document, place) =>
    validatedResource(document, called, mcpUrl, place),
  )
  return { found, faults: typeof first === "object" ? [first, ...faults] : faults }
}

/** What servers put around an address, so that it arrives with it. */
const AROUND: ReadonlySet<string | undefined> = new Set([" ", '"', "'", "\\", "<", ">", "`", ";"])

/** Where a challenge says that the metadata is: quoted in whatever way, and perhaps relative to what is called. */
const announcedPlace = (announced: string, mcpUrl: string): string | Fault | undefined => {
  let [start, end] = [0, announced.length]
  while (start < end && AROUND.has(announced[start])) start++
  while (start < end && AROUND.has(announced[end - 1])) end--
  if (start === end) return undefined
  const place = announced.slice(start, end)
  const url = secureUrl(URL.parse(place, mcpUrl)?.href ?? "")
  if (url !== undefined) return url.href
  const what = "is neither TLS nor loopback, so that nothing is asked there"
  return { place, what, code: "endpoint_insecure", kind: "broken" }
}

const malformed = (message: string) => new DiscoveryError({ code: "metadata_malformed", message })

const validatedResource = (document: Members, called: URL, mcpUrl: string, place: string): ProtectedResource => {
  const { resource, scopes_supported } = readable(document)
  if (resource === undefined) throw malformed("names no resource")
  //= RFC9728-3.3-resource-identical
  if (![mcpUrl, ...parentOf(place, called)].some((name) => isSameName(name, resource))) {
    const isNear = withoutSlash(resource) === withoutSlash(mcpUrl)
    const message = `is of the resource ${named(resource)}, not of ${named(mcpUrl)}${isNear ? ": call it by that address" : ""}`
    throw new DiscoveryError({ code: "resource_mismatch", message })
  }
  const authorizationServers = document["authorization_servers"] ?? []
  // If what cannot be read here were passed over, the server would be looked for somewhere else.
  if (!isTexts(authorizationServers)) throw malformed("has authorization_servers that are no list of texts")
  const [first] = authorizationServers
  if (first !== undefined && authorizationServers.every((issuer) => secureUrl(issuer) === undefined)) {
    const message = `names no issuer at an address with TLS, but ${quoted(first)}`
    throw new DiscoveryError({ code: "endpoint_insecure", message })
  }
  return {
    resource,
    authorizationServers,
    ...member("scopesSupported", scopes_supported),
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

const withoutSlash = (name: string): string => (name.endsWith("/") ? name.slice(0, -1) : name)

/** As strings, but that scheme and host have no case and a name without a path may have gained a slash on the way. */
const isSameName = (own: string, name: string): boolean => new URL(own).href === URL.parse(name)?.href

/**
 * Which client ids are the addresses of documents that describe their clients (Client ID Metadata Document 3).
 *
 * Judged as it is written: two spellings of one address are two clients, and nothing is normalised.
 */
import { isLoopbackHost, isUriText } from "../../../protocol/index.ts"

/** Dots alone between two slashes, percent-encoded or not, which clients and servers take away before they ask. */
const DOT_SEGMENT = /\/(?:\.|%2e){1,2}(?:[/?]|$)/i

/**
 * Why a client id that looks like an address is none that a document can be at, as the end of a sentence; `undefined`
 * where it is one. `allowsLoopback`: also http on this machine, for development.
 */
//= CIMD-3-url-form
export const clientIdUrlFault = (clientId: string, allowsLoopback: boolean): string | undefined => {
  const url = isUriText(clientId) ? URL.parse(clientId) : null
  const [, scheme, authority = "", rest = ""] = /^([a-z]+):\/\/([^/?#]*)(.*)$/s.exec(clientId) ?? []
  if (url === null || authority === "" || scheme === undefined) return "is not a URL"
  if (scheme !== "https" && !(allowsLoopback && scheme === "http" && isLoopbackHost(url.hostname)))
    return "is not https"
  if (authority.includes("@")) return "has user information"
  if (!rest.startsWith("/")) return "has no path"
  if (rest.includes("#")) return "has a fragment"
  return DOT_SEGMENT.test(rest) ? "has dot segments in its path" : undefined
}

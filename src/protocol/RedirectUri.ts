/**
 * Where a browser may be sent: which redirect URIs can be registered, and which one a request may use.
 *
 * A URI that passes here is the only kind that ever stands in a `Location`. Comparison is by code point; nothing is
 * normalised. The one liberty is the port of a loopback URI, which native apps learn only when they listen.
 */
import { isLoopbackHost } from "./Loopback.ts"
import { MAX_URI_CHARACTERS, isUriText } from "./Uri.ts"

/** Dotless private-use schemes of known MCP clients; more by configuration. */
export const knownAppSchemes: ReadonlyArray<string> = [
  "claude",
  "cursor",
  "goose",
  "raycast",
  "vscode",
  "vscode-insiders",
  "warp",
  "windsurf",
  "zed",
]

/** Schemes that a browser or shell gives a meaning of its own: no configuration can allow them. */
export const dangerousSchemes: ReadonlyArray<string> = [
  ..."about blob chrome data file filesystem ftp ftps hcp intent jar javascript ldap mailto mhtml mk".split(" "),
  ..."ms-appinstaller ms-msdt ms-officecmd res resource search search-ms shell smb sms ssh tel telnet".split(" "),
  ..."urn vbscript view-source ws wss".split(" "),
]

/** Parameters of an authorization response: a redirect URI that has one of its own would make two of it. */
const responseParameters = ["code", "state", "iss", "error", "error_description", "error_uri", "response"]

/** Host, port and what comes after them of a plain http URI; `undefined` when its host is not loopback. */
const loopbackParts = (uri: string) => {
  const [, host, port = "80", rest] = /^http:\/\/([^/?:]+|\[::1\])(?::(\d{1,5}))?((?:[/?].*)?)$/s.exec(uri) ?? []
  return host !== undefined && isLoopbackHost(host) ? { host, port: Number(port), rest } : undefined
}

/** Loopback http, whose port is free: 127.0.0.1, [::1] and, a stated deviation, localhost. */
export const isLoopbackUri = (uri: string): boolean => loopbackParts(uri) !== undefined

/** What can be registered, for whoever sent what cannot. */
export const redirectUriRemedy =
  "use https, http on localhost, 127.0.0.1 or [::1], or a scheme of the app's own with a dot in its name"

/** Says in a few words why `uri` cannot be a redirect URI; `undefined` when it can. `appSchemes`: dotless schemes allowed. */
//= RFC7591-5-redirect-restrictions
export const redirectUriFault = (uri: string, appSchemes: ReadonlyArray<string>): string | undefined => {
  if (uri.length > MAX_URI_CHARACTERS) return `is longer than ${MAX_URI_CHARACTERS} characters`
  if (!isUriText(uri)) return "has a character that a URI cannot have"
  //= OAUTH21-2.3-redirect-no-fragment
  if (uri.includes("#")) return "has a fragment"
  if (uri.includes("*")) return "has a wildcard"
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(uri)?.[1]
  if (scheme === undefined) return "has no lower-case scheme"
  if (dangerousSchemes.includes(scheme)) return `uses the scheme ${scheme}`
  if (!URL.canParse(uri)) return "is not a URI"
  const { username, password, hostname } = new URL(uri)
  const authority = /^[^:]*:\/\/([^/?]*)/.exec(uri)?.[1] ?? ""
  if (username !== "" || password !== "" || authority.includes("@")) return "has user information"
  //= RFC9207-2-iss-in-all-responses
  const clash = responseParameters.find((name) => new URL(uri).searchParams.has(name))
  if (clash !== undefined) return `has the query parameter ${clash}, which belongs to the answer`
  if (scheme === "https") return authority === "" || hostname === "" ? "has no host" : undefined
  //= RFC9700-2.6-http-redirect-forbidden
  //= MCP-AUTHZ-as-https
  if (scheme === "http") return isLoopbackUri(uri) ? undefined : "uses http off loopback"
  if (/^[^:]+:[/.]*(?:\?.*)?$/.test(uri)) return "names nothing behind its scheme"
  //= OAUTH21-2.3.1-private-scheme-period
  if (scheme.includes(".") || appSchemes.includes(scheme)) return undefined
  return `uses the scheme ${scheme}, which has no dot and is not on the list of known apps`
}

/** Whether a request may use `presented` because `registered` is on record. */
//= OAUTH21-2.3.1-exact-redirect-match
//= RFC8414-4-codepoint-compare
export const redirectUriMatches = (registered: string, presented: string): boolean => {
  if (presented.length > MAX_URI_CHARACTERS) return false
  if (registered === presented) return true
  const [known, asked] = [loopbackParts(registered), loopbackParts(presented)]
  //= OAUTH21-8.4.2-loopback-any-port
  return known !== undefined && known.host === asked?.host && known.rest === asked.rest && asked.port <= MAX_PORT
}

const MAX_PORT = 65_535

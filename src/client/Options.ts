/**
 * What a client is told about itself, checked once: a mistake is refused before anything is sent.
 */
import type { OpenBrowser } from "./authorization/Browser.ts"
import { OptionFault } from "./ClientError.ts"
import { isThisMachine } from "../protocol/index.ts"
import { secureUrl } from "./SecureUrl.ts"
import { guardedFetch, machineTime, makeGuard, type Fetch } from "../outbound/index.ts"
import type { Outbound } from "./Outbound.ts"
import type { ClientDescription } from "./registration/Registration.ts"
import { scopesOf } from "./authorization/ScopeSelection.ts"
import type { TokenStorage } from "./storage/TokenStorage.ts"

export interface OAuthOptions {
  /** The MCP server's address: what is called, and what tokens are for. */
  readonly mcpUrl: string
  /** What to ask for besides what the server demands; a list, or space-separated. */
  readonly scopes?: ReadonlyArray<string> | string
  /** What people are shown at login. */
  readonly clientName?: string
  /** Where tokens and registration are kept; unless given, in memory. */
  readonly tokenStorage?: TokenStorage
  /** More members for the registration (RFC 7591). */
  readonly additionalClientMetadata?: Readonly<Record<string, unknown>>
  /** The port that the browser comes back to; unless given, a free one. */
  readonly callbackPort?: number
  /** A loopback name or address; unless given, `127.0.0.1`. */
  readonly callbackHost?: string
  /** For how long a login may take, in seconds; unless given, 300. */
  readonly callbackTimeout?: number
  /** The address of the client's metadata document, for servers that take those. */
  readonly clientMetadataUrl?: string
  /** Credentials that the server's operator gave, and the issuer that they are of. */
  readonly clientId?: string
  readonly clientSecret?: string
  readonly clientIssuer?: string
  /** Origins besides the issuer's own that its endpoints may lie at. */
  readonly endpointOrigins?: ReadonlyArray<string>
  /** Shows the user the link; `false` if nobody could. */
  readonly openBrowser?: OpenBrowser
  /** Where a pasted address is read from when there is no browser; unless given, the terminal, if there is one. */
  readonly pasteFrom?: NodeJS.ReadableStream
  /** What sends; default the platform's, which goes where the server may send a client and nowhere else, redirects too. */
  readonly fetch?: Fetch
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

export interface Settings {
  readonly mcpUrl: string
  readonly scopes: ReadonlyArray<string>
  readonly description: ClientDescription
  readonly callback: { readonly host: string; readonly port: number | undefined; readonly timeoutMillis: number }
  readonly endpointOrigins: ReadonlyArray<string>
  readonly outbound: Outbound
  /** For requests that are none of this client's affair. */
  readonly passThrough: Fetch
}

const fault = (message: string): OptionFault =>
  new OptionFault({ code: "option_invalid", message: `OAuth: ${message}` })

const KNOWN: ReadonlySet<string> = new Set<keyof OAuthOptions>([
  "mcpUrl",
  "scopes",
  "clientName",
  "tokenStorage",
  "additionalClientMetadata",
  "callbackPort",
  "callbackHost",
  "callbackTimeout",
  "clientMetadataUrl",
  "clientId",
  "clientSecret",
  "clientIssuer",
  "endpointOrigins",
  "openBrowser",
  "pasteFrom",
  "fetch",
  "now",
])

/** Checks the options; throws an {@link OptionFault} that says what to change. */
export const checkedOptions = (options: OAuthOptions): Settings => {
  const unknown = Object.keys(options).find((name) => !KNOWN.has(name))
  if (unknown !== undefined) throw fault(`there is no option \`${unknown}\``)
  const { mcpUrl, scopes = [], clientName = "MCP client", callbackHost = "127.0.0.1", callbackPort } = options
  const { callbackTimeout = 300, clientMetadataUrl, clientId, clientSecret, endpointOrigins = [] } = options
  if (secureUrl(mcpUrl) === undefined) {
    throw fault(`mcpUrl \`${mcpUrl}\` is no https address (http is for loopback alone) without user and fragment`)
  }
  const host = URL.parse(`http://${callbackHost}`)
  if (host === null || host.host !== callbackHost || !isThisMachine(host.hostname)) {
    throw fault(`callbackHost \`${callbackHost}\` is not loopback: take 127.0.0.1, [::1] or localhost`)
  }
  if (callbackPort !== undefined && !(Number.isInteger(callbackPort) && callbackPort > 0 && callbackPort < 65_536)) {
    throw fault(`callbackPort \`${callbackPort}\` is no port: leave it out for a free one`)
  }
  if (!(callbackTimeout > 0)) throw fault(`callbackTimeout \`${callbackTimeout}\` is no number of seconds`)
  if (clientSecret !== undefined && clientId === undefined) throw fault("clientSecret is given without clientId")
  if (clientMetadataUrl !== undefined && !isDocumentAddress(clientMetadataUrl)) {
    throw fault(`clientMetadataUrl \`${clientMetadataUrl}\` is no https address with a path`)
  }
  return {
    mcpUrl,
    scopes: typeof scopes === "string" ? scopesOf(scopes) : scopes,
    description: descriptionOf(options, clientName),
    callback: { host: callbackHost, port: callbackPort, timeoutMillis: callbackTimeout * 1000 },
    endpointOrigins: endpointOrigins.map(originOf),
    outbound: {
      fetch: fetchWithin(options),
      now: options.now ?? machineTime,
    },
    passThrough: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  }
}

/** What the program named may be asked, and what it leads to as far as it may lead there. */
const fetchWithin = ({ mcpUrl, clientIssuer, endpointOrigins = [], fetch }: OAuthOptions): Fetch => {
  const also = [...endpointOrigins, clientIssuer ?? ""].map((text) => URL.parse(text)).filter((url) => url !== null)
  const guard = makeGuard({ target: new URL(mcpUrl), also })
  return guardedFetch(guard, fetch)
}

const descriptionOf = (options: OAuthOptions, clientName: string): ClientDescription => {
  const { clientId, clientSecret, clientIssuer, clientMetadataUrl, additionalClientMetadata } = options
  return {
    clientName,
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(clientIssuer === undefined ? {} : { clientIssuer }),
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    ...(additionalClientMetadata === undefined ? {} : { additionalClientMetadata }),
  }
}

const isDocumentAddress = (text: string): boolean => {
  const url = secureUrl(text)
  return url !== undefined && url.protocol === "https:" && url.pathname !== "/" && url.href === text
}

const originOf = (text: string): string => {
  const url = secureUrl(text)
  if (url === undefined) throw fault(`endpointOrigins has \`${text}\`, which is no https address`)
  return url.origin
}

/**
 * What a client is told about itself, checked once: a mistake is refused before anything is sent.
 */
import type { OpenBrowser } from "./authorization/Browser.ts"
import type { DeviceLoginOptions } from "./authorization/DevicePrompt.ts"
import { OptionFault } from "./ClientError.ts"
import { isThisMachine } from "../protocol/index.ts"
import { secureUrl } from "./SecureUrl.ts"
import { guardedFetch, machineTime, makeGuard, type Fetch } from "../outbound/index.ts"
import type { Outbound } from "./Outbound.ts"
import { keyFault, publicJwkOf, type ClientKey } from "../proof/ClientAssertion.ts"
import type { ClientDescription } from "./registration/Registration.ts"
import { scopesOf } from "./authorization/ScopeSelection.ts"
import type { TokenStorage } from "./storage/TokenStorage.ts"

/** What a client is told about the server that it calls, and about itself; only `mcpUrl` must be given. */
export interface OAuthOptions {
  /** The MCP server's address: what is called, and what tokens are for. */
  readonly mcpUrl: string
  /** Scopes to ask for besides what the server demands: a list, or text with spaces between them; default none. */
  readonly scopes?: ReadonlyArray<string> | string
  /** The name that people are shown at login; default `MCP client`. */
  readonly clientName?: string
  /** Where tokens and registration are kept; default in memory, for as long as the process runs. */
  readonly tokenStorage?: TokenStorage
  /** Members to add to the registration, or to replace in it (RFC 7591 2). */
  readonly additionalClientMetadata?: Readonly<Record<string, unknown>>
  /** The port that the browser comes back to; default a free one. */
  readonly callbackPort?: number
  /** The loopback name or address that the browser comes back to; default `127.0.0.1`. */
  readonly callbackHost?: string
  /** How long a login through a browser may take, in seconds; default 300. */
  readonly callbackTimeout?: number
  /** The address of the client's metadata document: its id at servers that accept such documents. */
  readonly clientMetadataUrl?: string
  /** The id that the server's operator gave the client; default a registration of its own. */
  readonly clientId?: string
  /** The secret that belongs to `clientId`; default none, for a public client. */
  readonly clientSecret?: string
  /**
   * What the client proves itself by in place of a secret (`private_key_jwt`, RFC 7523 and RFC 10070): a private JWK, a
   * `CryptoKey`, or an object that signs. With a JWK the client can register itself, by the public half; a key of another
   * kind needs `clientId`, `clientMetadataUrl`, or `jwks` or `jwks_uri` among `additionalClientMetadata`. Default none.
   */
  readonly clientKey?: ClientKey
  /** The issuer whose operator gave `clientId`; default the first one that it is used with. */
  readonly clientIssuer?: string
  /** Origins besides the issuer's own that its endpoints may lie at; default none. */
  readonly endpointOrigins?: ReadonlyArray<string>
  /** Shows the user the link, and says `false` if it could not; default the system's browser. */
  readonly openBrowser?: OpenBrowser
  /** Where a pasted address is read from when there is no browser; default the terminal, if there is one. */
  readonly pasteFrom?: NodeJS.ReadableStream
  /**
   * Whether tokens are bound to a key of this client's, kept beside them, where the server can do that (DPoP, RFC 9449):
   * a stolen token is then worth nothing. Default false, because not every resource server takes such tokens.
   */
  readonly dpop?: boolean
  /**
   * Logs in as a device (RFC 8628): shows the user a code and where to enter it, and waits until somebody has answered
   * there. Default a browser on this machine.
   */
  readonly device?: DeviceLoginOptions
  /** What sends requests; default the platform's `fetch`, on connections that lead only where the server may send a client. */
  readonly fetch?: Fetch
  /** The time in milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
}

export interface Settings {
  readonly mcpUrl: string
  readonly scopes: ReadonlyArray<string>
  readonly description: ClientDescription
  readonly callback: { readonly host: string; readonly port: number | undefined; readonly timeoutMillis: number }
  readonly endpointOrigins: ReadonlyArray<string>
  readonly device: DeviceLoginOptions | undefined
  /** Whether tokens are bound to a key where that can be. */
  readonly isBinding: boolean
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
  "clientKey",
  "clientIssuer",
  "endpointOrigins",
  "openBrowser",
  "pasteFrom",
  "dpop",
  "device",
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
  checkKey(options)
  if (clientMetadataUrl !== undefined && !isDocumentAddress(clientMetadataUrl)) {
    throw fault(`clientMetadataUrl \`${clientMetadataUrl}\` is no https address with a path`)
  }
  if (options.dpop !== undefined && typeof options.dpop !== "boolean") throw fault("dpop is not true or false")
  if (options.device !== undefined && typeof options.device.show !== "function") {
    throw fault("device has no function `show`")
  }
  return {
    mcpUrl,
    scopes: typeof scopes === "string" ? scopesOf(scopes) : scopes,
    description: descriptionOf(options, clientName),
    callback: { host: callbackHost, port: callbackPort, timeoutMillis: callbackTimeout * 1000 },
    endpointOrigins: endpointOrigins.map(originOf),
    device: options.device,
    isBinding: options.dpop === true,
    outbound: {
      fetch: fetchWithin(options),
      now: options.now ?? machineTime,
      ...(options.clientKey === undefined ? {} : { clientKey: options.clientKey }),
    },
    passThrough: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  }
}

/** A key that can sign, whose public half the server can know. */
const checkKey = (options: OAuthOptions): void => {
  const { clientKey, clientSecret, clientId, clientMetadataUrl, additionalClientMetadata = {} } = options
  if (clientKey === undefined) return
  const wrong = keyFault(clientKey)
  if (wrong !== undefined) throw fault(`clientKey ${wrong}`)
  if (clientSecret !== undefined) throw fault("clientKey and clientSecret are both given: a client has one of them")
  const isKnown = clientId !== undefined || clientMetadataUrl !== undefined || hasKeys(additionalClientMetadata)
  if (!isKnown && publicJwkOf(clientKey) === undefined) {
    throw fault("clientKey shows no public half to register: give a JWK, or clientId")
  }
}

const hasKeys = (metadata: Readonly<Record<string, unknown>>): boolean => "jwks" in metadata || "jwks_uri" in metadata

/** What the program named may be asked, and what it leads to as far as it may lead there. */
const fetchWithin = ({ mcpUrl, clientIssuer, endpointOrigins = [], fetch }: OAuthOptions): Fetch => {
  const also = [...endpointOrigins, clientIssuer ?? ""].map((text) => URL.parse(text)).filter((url) => url !== null)
  const guard = makeGuard({ target: new URL(mcpUrl), also })
  return guardedFetch(guard, fetch)
}

const descriptionOf = (options: OAuthOptions, clientName: string): ClientDescription => {
  const { clientId, clientSecret, clientKey, clientIssuer, clientMetadataUrl, additionalClientMetadata } = options
  return {
    clientName,
    ...(clientKey === undefined ? {} : { clientKey }),
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

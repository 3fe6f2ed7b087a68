/**
 * What an authorization server says of itself (RFC 8414, OpenID Connect Discovery), and how much of it is believed.
 *
 * A document counts only for the issuer it was looked up for, letter for letter, and its endpoints only at the issuer's
 * own origin or one that the program allowed: else one server's document could send another's codes to a third. An
 * endpoint that not every login needs is judged when it is used.
 */
import { DiscoveryError } from "../ClientError.ts"
import { isSecure } from "../SecureUrl.ts"
import { quoted } from "../ForeignText.ts"
import {
  isBoolean,
  isFiniteNumber,
  isRecordOf,
  isText,
  isTexts,
  readableMembers,
  type Members,
  type Shapes,
} from "../LenientReading.ts"

/** The members that a client uses (RFC 8414 2); each may be missing. */
export interface ServerOAuthMetadata {
  /** The issuer identifier. */
  readonly issuer?: string
  /** Where the browser goes. */
  readonly authorization_endpoint?: string
  /** Where codes and refresh tokens become tokens. */
  readonly token_endpoint?: string
  /** Where clients register themselves (RFC 7591). */
  readonly registration_endpoint?: string
  /** Where tokens are ended (RFC 7009). */
  readonly revocation_endpoint?: string
  /** Where devices ask that have no browser (RFC 8628). */
  readonly device_authorization_endpoint?: string
  /** Where authorization requests are pushed (RFC 9126). */
  readonly pushed_authorization_request_endpoint?: string
  /** Whether every authorization request has to be pushed. */
  readonly require_pushed_authorization_requests?: boolean
  /** Scopes that can be asked for; there may be more. */
  readonly scopes_supported?: ReadonlyArray<string>
  /** Response types, as `code`. */
  readonly response_types_supported?: ReadonlyArray<string>
  /** Grant types, as `authorization_code`. */
  readonly grant_types_supported?: ReadonlyArray<string>
  /** How clients can authenticate at the token endpoint. */
  readonly token_endpoint_auth_methods_supported?: ReadonlyArray<string>
  /** By which algorithms assertions of clients may be signed. */
  readonly token_endpoint_auth_signing_alg_values_supported?: ReadonlyArray<string>
  /** Methods of PKCE (RFC 7636), of which S256 is needed. */
  readonly code_challenge_methods_supported?: ReadonlyArray<string>
  /** Whether answers name the issuer (RFC 9207). */
  readonly authorization_response_iss_parameter_supported?: boolean
  /** Whether the address of a metadata document can be a client id. */
  readonly client_id_metadata_document_supported?: boolean
  /** In which proofs of possession may be signed (RFC 9449); absent where tokens are bound to no key. */
  readonly dpop_signing_alg_values_supported?: ReadonlyArray<string>
  /** grantlog's own: for how many seconds a refresh may be repeated after a lost reply, by client type. */
  readonly grantlog_refresh_retry_window?: RefreshRetryWindow
}

interface RefreshRetryWindow {
  readonly public: number
  readonly confidential: number
}

const shapes: Shapes<ServerOAuthMetadata> = {
  issuer: isText,
  authorization_endpoint: isText,
  token_endpoint: isText,
  registration_endpoint: isText,
  revocation_endpoint: isText,
  device_authorization_endpoint: isText,
  pushed_authorization_request_endpoint: isText,
  require_pushed_authorization_requests: isBoolean,
  scopes_supported: isTexts,
  response_types_supported: isTexts,
  grant_types_supported: isTexts,
  token_endpoint_auth_methods_supported: isTexts,
  token_endpoint_auth_signing_alg_values_supported: isTexts,
  code_challenge_methods_supported: isTexts,
  authorization_response_iss_parameter_supported: isBoolean,
  client_id_metadata_document_supported: isBoolean,
  dpop_signing_alg_values_supported: isTexts,
  grantlog_refresh_retry_window: isRecordOf<RefreshRetryWindow>(
    { public: isFiniteNumber, confidential: isFiniteNumber },
    ["public", "confidential"],
  ),
}

/** What every login needs, and what some need besides. */
const NEEDED = ["authorization_endpoint", "token_endpoint"] as const
const OPTIONAL = [
  "registration_endpoint",
  "revocation_endpoint",
  "device_authorization_endpoint",
  "pushed_authorization_request_endpoint",
] as const

const isOptional = (name: string): boolean => OPTIONAL.some((one) => one === name)

/** A server that was found and believed: everything that a login needs, all of one issuer. */
export interface AuthorizationServer {
  /** The binding key of every credential, letter for letter. */
  readonly issuer: string
  /** Its metadata, with what every login needs. */
  readonly metadata: ServerOAuthMetadata & {
    readonly issuer: string
    readonly authorization_endpoint: string
    readonly token_endpoint: string
  }
  /** Endpoints that are left out of the metadata, for nothing may be sent there, and why. */
  readonly unusable?: Readonly<Partial<Record<(typeof OPTIONAL)[number], DiscoveryError>>>
}

const readable = readableMembers(shapes)

const IN_ANSWERS = "authorization_response_iss_parameter_supported"

/** The members that can be read, leniently: what has a wrong shape is as good as absent, and so is what is unknown. */
export const readServerMetadata = (document: Members): ServerOAuthMetadata => ({
  ...readable(document),
  // If this one were passed over, answers that name no issuer would be believed.
  ...(document[IN_ANSWERS] === "true" ? { [IN_ANSWERS]: true } : {}),
})

export interface MetadataSource {
  /** Whom the document was looked up for; absent where nobody named one (the older discovery). */
  readonly issuer?: string
  /** Where the document was found. */
  readonly foundAt: string
  /** Other origins that endpoints may lie at. */
  readonly endpointOrigins: ReadonlyArray<string>
}

/** Holds a document against its issuer; throws a {@link DiscoveryError} whose message goes on behind the place. */
export const validatedMetadata = (read: ServerOAuthMetadata, source: MetadataSource): AuthorizationServer => {
  const { issuer, endpointOrigins } = source
  const own = issuerOf(read, source)
  const origins = [new URL(own).origin, ...endpointOrigins]
  const [authorization_endpoint, token_endpoint] = NEEDED.map((name) => neededEndpoint(read, name, origins))
  //= RFC7636-7.2-no-client-downgrade
  const methods = read.code_challenge_methods_supported ?? (issuer === undefined ? ["S256"] : [])
  if (!methods.includes("S256")) {
    const message = "does not say that PKCE with S256 is supported, and nothing else is safe"
    throw new DiscoveryError({ code: "pkce_unsupported", message })
  }
  const rest = Object.fromEntries(Object.entries(read).filter(([name]) => !isOptional(name)))
  const optional = OPTIONAL.map((name) => {
    const url = read[name]
    return [name, url, url === undefined ? undefined : faultOf(name, url, origins)] as const
  })
  const usable = optional.filter(([, url, fault]) => url !== undefined && fault === undefined)
  const faults = optional.flatMap(([name, , fault]) => (fault === undefined ? [] : [[name, ofIssuer(own, fault)]]))
  return {
    issuer: own,
    metadata: {
      ...rest,
      ...Object.fromEntries(usable.map(([name, url]) => [name, url])),
      issuer: own,
      authorization_endpoint: authorization_endpoint!,
      token_endpoint: token_endpoint!,
    },
    unusable: Object.fromEntries(faults),
  }
}

/** The issuer that a document is of, letter for letter the one that it was looked up for. */
const issuerOf = (read: ServerOAuthMetadata, { issuer, foundAt }: MetadataSource): string => {
  //= RFC8414-3.3-issuer-identical
  if (issuer !== undefined && read.issuer !== issuer) {
    const says = read.issuer === undefined ? "no issuer" : `the issuer ${quoted(read.issuer)}, not of ${quoted(issuer)}`
    throw mismatch(`is of ${says}`)
  }
  const { origin } = new URL(foundAt)
  // Where nobody named an issuer, the document may, but only one at the origin that it was found at.
  const own = issuer ?? read.issuer ?? origin
  const at = URL.parse(own)
  if (at === null) throw mismatch(`is of the issuer ${quoted(own)}, which is no address`)
  if (issuer === undefined && at.origin !== origin) {
    throw mismatch(`is of the issuer ${quoted(own)}, which lies elsewhere`)
  }
  return own
}

const mismatch = (message: string): DiscoveryError => new DiscoveryError({ code: "issuer_mismatch", message })
const malformed = (message: string): DiscoveryError => new DiscoveryError({ code: "metadata_malformed", message })

const ofIssuer = (issuer: string, { code, message }: DiscoveryError): DiscoveryError =>
  new DiscoveryError({ code, message: `the issuer ${quoted(issuer)} ${message}` })

const neededEndpoint = (
  read: ServerOAuthMetadata,
  name: (typeof NEEDED)[number],
  origins: ReadonlyArray<string>,
): string => {
  const url = read[name]
  if (url === undefined) throw malformed(`has no ${name}`)
  const fault = faultOf(name, url, origins)
  if (fault !== undefined) throw fault
  return url
}

/** What is wrong with an endpoint, if anything is. */
const faultOf = (name: string, value: string, origins: ReadonlyArray<string>): DiscoveryError | undefined => {
  const has = `has the ${name} ${quoted(value)}`
  const url = URL.parse(value)
  if (url === null || value.includes("#") || !["http:", "https:"].includes(url.protocol)) {
    return malformed(`${has}, which is no address`)
  }
  if (!isSecure(url)) {
    const message = `${has}, which is neither TLS nor loopback, so that nothing is sent there`
    return new DiscoveryError({ code: "endpoint_insecure", message })
  }
  if (origins.includes(url.origin)) return undefined
  const message = `${has}, which is not at its issuer's origin: if it belongs there, add ${quoted(url.origin)} to \`endpointOrigins\``
  return new DiscoveryError({ code: "endpoint_foreign", message })
}

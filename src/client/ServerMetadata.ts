/**
 * What an authorization server says of itself (RFC 8414, OpenID Connect Discovery), and how much of it is believed.
 *
 * A document counts only for the issuer it was looked up for, letter for letter, and its endpoints only at the issuer's
 * own origin or one that the program allowed: else one server's document could send another's codes to a third.
 */
import { Schema } from "effect"
import { DiscoveryError } from "./ClientError.ts"
import { isSecure } from "./Endpoint.ts"
import { readableMembers, type Members } from "./Readable.ts"

const Strings = Schema.optionalKey(Schema.Array(Schema.String))
const Text = Schema.optionalKey(Schema.String)

/** The lenient reading: every member may be missing, unknown ones are ignored. */
export const ServerOAuthMetadata = Schema.Struct({
  issuer: Text,
  authorization_endpoint: Text,
  token_endpoint: Text,
  registration_endpoint: Text,
  revocation_endpoint: Text,
  scopes_supported: Strings,
  response_types_supported: Strings,
  grant_types_supported: Strings,
  token_endpoint_auth_methods_supported: Strings,
  code_challenge_methods_supported: Strings,
  authorization_response_iss_parameter_supported: Schema.optionalKey(Schema.Boolean),
  client_id_metadata_document_supported: Schema.optionalKey(Schema.Boolean),
  /** grantlog's own: for how many seconds a refresh may be repeated after a lost reply, by client type. */
  grantlog_refresh_retry_window: Schema.optionalKey(
    Schema.Struct({ public: Schema.Finite, confidential: Schema.Finite }),
  ),
})
export interface ServerOAuthMetadata extends Schema.Schema.Type<typeof ServerOAuthMetadata> {}

/** A server that was found and believed: everything that a login needs, all of one issuer. */
export interface AuthorizationServer {
  /** The binding key of every credential, letter for letter. */
  readonly issuer: string
  readonly metadata: ServerOAuthMetadata & {
    readonly issuer: string
    readonly authorization_endpoint: string
    readonly token_endpoint: string
  }
}

const endpoints = ["authorization_endpoint", "token_endpoint", "registration_endpoint", "revocation_endpoint"] as const

const readable = readableMembers(ServerOAuthMetadata.fields)
const decode = Schema.decodeUnknownSync(ServerOAuthMetadata)

/** The members that can be read, leniently: what has a wrong shape is as good as absent. */
export const readMetadata = (document: Members): ServerOAuthMetadata => decode(readable(document))

export interface Belief {
  /** Whom the document was looked up for; absent where nobody named one (the older discovery). */
  readonly issuer?: string
  /** Where the document was found. */
  readonly foundAt: string
  /** Other origins that endpoints may lie at. */
  readonly endpointOrigins: ReadonlyArray<string>
}

/** Holds a document against the issuer it was looked up for; throws a {@link DiscoveryError}. */
export const believed = (read: ServerOAuthMetadata, belief: Belief): AuthorizationServer => {
  const { issuer, foundAt, endpointOrigins } = belief
  //= RFC8414-3.3-issuer-identical
  if (issuer !== undefined && read.issuer !== issuer) {
    throw mismatch(`the metadata for issuer \`${issuer}\` is of \`${read.issuer ?? "nobody"}\``)
  }
  const origin = new URL(foundAt).origin
  // Where nobody named an issuer, the document may, but only one at the origin that it was found at.
  const own = issuer ?? read.issuer ?? origin
  const at = URL.parse(own)
  if (at === null) throw mismatch(`the issuer \`${own}\` is no URL`)
  if (issuer === undefined && at.origin !== origin) {
    throw mismatch(`the metadata at \`${origin}\` names the issuer \`${own}\`, which lies elsewhere`)
  }
  for (const name of endpoints) {
    const value = read[name]
    if (value !== undefined) checkEndpoint(name, value, [at.origin, ...endpointOrigins])
  }
  const { authorization_endpoint, token_endpoint, ...rest } = read
  if (authorization_endpoint === undefined || token_endpoint === undefined) {
    const message = `the metadata of \`${own}\` has no authorization or no token endpoint`
    throw new DiscoveryError({ code: "metadata_malformed", message })
  }
  //= RFC7636-7.2-no-client-downgrade
  const methods = read.code_challenge_methods_supported ?? (issuer === undefined ? ["S256"] : [])
  if (!methods.includes("S256")) {
    const message = `the server \`${own}\` does not say that it supports PKCE with S256, and nothing else is safe`
    throw new DiscoveryError({ code: "pkce_unsupported", message })
  }
  return { issuer: own, metadata: { ...rest, issuer: own, authorization_endpoint, token_endpoint } }
}

const mismatch = (sentence: string): DiscoveryError =>
  new DiscoveryError({ code: "issuer_mismatch", message: `${sentence}: ask whoever runs the server` })

const checkEndpoint = (name: string, value: string, origins: ReadonlyArray<string>): void => {
  const url = URL.parse(value)
  if (url === null || url.hash !== "" || !["http:", "https:"].includes(url.protocol)) {
    throw new DiscoveryError({ code: "metadata_malformed", message: `${name} \`${value}\` is no address` })
  }
  if (!isSecure(url)) {
    const message = `${name} \`${value}\` is neither TLS nor loopback, so nothing is sent there`
    throw new DiscoveryError({ code: "endpoint_insecure", message })
  }
  if (!origins.includes(url.origin)) {
    const message = `${name} \`${value}\` is not at its issuer's origin: if it belongs there, add \`${url.origin}\` to \`endpointOrigins\``
    throw new DiscoveryError({ code: "endpoint_foreign", message })
  }
}

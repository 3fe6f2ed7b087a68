/**
 * Who the client is at a server: as it was told, else by the address of its metadata document where the server takes
 * those, else by registering (RFC 7591).
 *
 * Whatever comes out is bound to the issuer. It is never shown to another one, whatever the resource says later.
 */
import * as protocol from "oauth4webapi"
import { RegistrationError } from "../ClientError.ts"
import { requestOptions, type Fetch } from "../Outbound.ts"
import { DEVICE_CODE_GRANT } from "../../protocol/index.ts"
import { bodyText, jsonIn, membersOf } from "../ResponseBody.ts"
import { quoted } from "../ForeignText.ts"
import { textIn } from "../LenientReading.ts"
import { readRegistration } from "./RegistrationResponse.ts"
import { hasAccess } from "../authorization/ScopeSelection.ts"
import { isFault, phrase, errorIn, shown } from "../ErrorResponse.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import type { OAuthClientInformationFull } from "../../protocol/index.ts"
import { publicJwkOf, type ClientKey } from "../../proof/ClientAssertion.ts"
import type { StoredClient } from "../storage/TokenStorage.ts"
import { PRIVATE_KEY_JWT } from "../tokens/ClientAuthentication.ts"

/** What the program said about itself. */
export interface ClientDescription {
  readonly clientName: string
  readonly clientId?: string
  readonly clientSecret?: string
  /** What the client signs by, in place of a secret. */
  readonly clientKey?: ClientKey
  /** The issuer that gave `clientId`; default the first one that it is used with. */
  readonly clientIssuer?: string
  readonly clientMetadataUrl?: string
  readonly additionalClientMetadata?: Readonly<Record<string, unknown>>
}

/** A client at hand, and whether it can be replaced by registering anew when the server does not know it. */
export interface Registered extends StoredClient {
  readonly source: "given" | "document" | "stored" | "registered"
}

const AUTHORIZATION_CODE = "authorization_code"

/** How somebody answers for the client: in a browser that comes back to an address, or by the code that a device shows. */
export type LoginWay = { readonly _tag: "Browser"; readonly redirectUri: string } | { readonly _tag: "Device" }

export interface RegistrationRequest {
  readonly fetch: Fetch
  readonly server: AuthorizationServer
  readonly description: ClientDescription
  readonly way: LoginWay
  readonly scopes: ReadonlyArray<string>
  /** What was kept of an earlier run. */
  readonly stored: StoredClient | undefined
}

/** Finds or makes the client for this server. */
export const register = async (request: RegistrationRequest): Promise<Registered> =>
  existing(request) ?? { client: await registerAnew(request), issuer: request.server.issuer, source: "registered" }

/** The client for this server, as far as one is at hand without asking anybody. */
export const existing = (
  request: Pick<RegistrationRequest, "server" | "description" | "stored"> & { readonly way?: LoginWay },
): Registered | undefined => {
  const { server, description, stored, way } = request
  const { issuer, metadata } = server
  const { clientId, clientMetadataUrl } = description
  if (clientId !== undefined) return given(clientId, request)
  if (clientMetadataUrl !== undefined && metadata.client_id_metadata_document_supported === true) {
    const client = { client_id: clientMetadataUrl, token_endpoint_auth_method: methodOfDescription(description) }
    return { client, issuer, source: "document" }
  }
  //= MCP-AUTHZ-client-as-binding
  //= RFC9207-4-unique-issuers
  if (stored?.issuer !== issuer || !isFor(stored.client, way)) return undefined
  return { ...stored, source: "stored" }
}

/**
 * Whether a registration was made for this way: for devices, or for the address that a browser comes back to, with any
 * port (RFC 8252 7.3). A server that does not say is taken to mean yes.
 */
const isFor = ({ redirect_uris, grant_types }: OAuthClientInformationFull, way: LoginWay | undefined): boolean => {
  if (way === undefined) return true
  if (way._tag === "Device") return grant_types?.includes(DEVICE_CODE_GRANT) ?? true
  const portless = (uri: string) => uri.replace(/:\d+(?=\/)/, "")
  if (redirect_uris === undefined) return grant_types?.includes(AUTHORIZATION_CODE) ?? true
  return redirect_uris.some((uri) => portless(uri) === portless(way.redirectUri))
}

const given = (
  clientId: string,
  { server, description, stored }: Pick<RegistrationRequest, "server" | "description" | "stored">,
): Registered => {
  const { issuer } = server
  const { clientSecret, clientKey, clientIssuer } = description
  const bound = clientIssuer ?? (stored?.client.client_id === clientId ? stored.issuer : undefined)
  if (bound !== undefined && bound !== issuer) {
    const message = `the client ${quoted(clientId)} belongs to ${quoted(bound)}, but the resource now sends to ${quoted(issuer)}: if that is right, log out first or give \`clientIssuer\``
    throw new RegistrationError({ code: "issuer_changed", message })
  }
  const client = {
    client_id: clientId,
    ...(clientSecret === undefined ? {} : { client_secret: clientSecret }),
    ...(clientKey === undefined ? {} : { token_endpoint_auth_method: PRIVATE_KEY_JWT }),
  }
  return { client, issuer, source: "given" }
}

const registerAnew = async (request: RegistrationRequest): Promise<OAuthClientInformationFull> => {
  const { fetch, server } = request
  const { registration_endpoint } = server.metadata
  if (registration_endpoint === undefined) {
    if (server.unusable?.registration_endpoint !== undefined) throw server.unusable.registration_endpoint
    const message = `the server ${quoted(server.issuer)} registers nobody by itself: ask its operator for credentials and give \`clientId\``
    throw new RegistrationError({ code: "registration_unsupported", message })
  }
  const response = await protocol
    .dynamicClientRegistrationRequest(
      server.metadata as protocol.AuthorizationServer,
      clientMetadata(request) as Parameters<typeof protocol.dynamicClientRegistrationRequest>[1],
      requestOptions(fetch),
    )
    .catch((cause: unknown) => {
      const message = `the registration endpoint of ${quoted(server.issuer)} cannot be reached: try again later`
      throw new RegistrationError({ code: "server_unavailable", message, cause })
    })
  const text = await bodyText(response).catch((cause: unknown) => {
    const message = `the answer of the registration endpoint of ${quoted(server.issuer)} ended in the middle: try again later`
    throw new RegistrationError({ code: "server_unavailable", message, cause })
  })
  return readAnswer(request, response, text ?? "")
}

const readAnswer = (
  { server, description }: RegistrationRequest,
  response: Response,
  text: string,
): OAuthClientInformationFull => {
  const value = jsonIn(text) ?? text
  const body = membersOf(value)
  const said = phrase(shown(errorIn(value), [textIn(body["client_secret"]) ?? ""]))
  const { status } = response
  if (status >= 500 || status === 429) {
    const message = `the registration endpoint of ${quoted(server.issuer)} answered with ${status}${said}: try again later`
    throw new RegistrationError({ code: "server_unavailable", message })
  }
  if ((status !== 201 && status !== 200) || isFault(body)) {
    const change = description.additionalClientMetadata === undefined ? "" : "change `additionalClientMetadata` or "
    const cure = `${change}${isKeyWanted(server, description) ? "give `clientKey` or " : ""}`
    const message = `the server ${quoted(server.issuer)} refused the registration (${status}${said}): ${cure}give \`clientId\``
    throw new RegistrationError({ code: "registration_refused", message })
  }
  const read = readRegistration(body)
  if (!("unusable" in read)) return read
  const message = `the registration endpoint of ${quoted(server.issuer)} answered without a usable ${read.unusable}: tell whoever runs the server`
  throw new RegistrationError({ code: "registration_malformed", message })
}

/** RFC 7591 2: a native application on a loopback address (RFC 8252 7.3), or one that has no address at all. */
//= MCP-AUTHZ-client-app-type
export const clientMetadata = ({
  server,
  description,
  way,
  scopes,
}: Pick<RegistrationRequest, "description" | "way" | "scopes"> & {
  readonly server: AuthorizationServer | undefined
}) => ({
  client_name: description.clientName,
  redirect_uris: way._tag === "Browser" ? [way.redirectUri] : [],
  grant_types: [way._tag === "Browser" ? AUTHORIZATION_CODE : DEVICE_CODE_GRANT, "refresh_token"],
  response_types: way._tag === "Browser" ? ["code"] : [],
  application_type: "native" as const,
  ...authenticationOf(description, server),
  ...registeredScope(server, scopes),
  ...description.additionalClientMetadata,
})

/**
 * All that may be asked for one day: a server may refuse whoever asks for more than it registered. Nothing where that is
 * offline access alone, for then not even the server's default could be asked for.
 */
const registeredScope = (
  server: AuthorizationServer | undefined,
  scopes: ReadonlyArray<string>,
): { scope?: string } => {
  const all = [...new Set([...scopes, ...(server?.metadata.scopes_supported ?? [])])]
  return hasAccess(all) ? { scope: all.join(" ") } : {}
}

/** By its key, where it has one: whatever else the server takes, nothing secret is then shared. */
const authenticationOf = (description: ClientDescription, server: AuthorizationServer | undefined) => {
  const { clientKey, additionalClientMetadata = {} } = description
  if (clientKey === undefined) return { token_endpoint_auth_method: preferredMethod(server) }
  const shown = "jwks_uri" in additionalClientMetadata ? undefined : publicJwkOf(clientKey)
  return { token_endpoint_auth_method: PRIVATE_KEY_JWT, ...(shown === undefined ? {} : { jwks: { keys: [shown] } }) }
}

const methodOfDescription = ({ clientKey }: ClientDescription): string =>
  clientKey === undefined ? "none" : PRIVATE_KEY_JWT

/** Whether a client without a key has no way to prove itself there. */
const isKeyWanted = ({ metadata }: AuthorizationServer, { clientKey }: ClientDescription): boolean =>
  clientKey === undefined &&
  metadata.token_endpoint_auth_methods_supported?.includes("private_key_jwt") === true &&
  !METHODS.some((method) => metadata.token_endpoint_auth_methods_supported?.includes(method))

const METHODS = ["none", "client_secret_basic", "client_secret_post"]

/** RFC 8414 2: a server that does not say takes `client_secret_basic`. */
const preferredMethod = (server: AuthorizationServer | undefined): string => {
  if (server === undefined) return "none"
  const supported = server.metadata.token_endpoint_auth_methods_supported ?? ["client_secret_basic"]
  return METHODS.find((method) => supported.includes(method)) ?? "none"
}

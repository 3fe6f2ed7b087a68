/**
 * Client ID metadata documents: a client's id is the address of a document in which it says what it is
 * (draft-ietf-oauth-client-id-metadata-document-02, whose sections 4 to 8 are 4 to 6 in -00 and -01).
 *
 * Nobody has to register. What is fetched is fetched by the one guarded reader (`outbound/Documents.ts`), and believed of
 * the client whose very address it names, alone. Whoever makes up an address gets a request sent to a public one at most.
 */
import { documentReader, DocumentFault, type DocumentOptions, type Fetch } from "../../../outbound/index.ts"
import { isLoopbackIssuer } from "../../Authority.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import { oauthError, type OAuthError } from "../../OAuthError.ts"
import type { ClientDocument, ClientReading } from "./ClientDocument.ts"
import type { ClientSource } from "../Feature.ts"
import { clientIdUrlFault } from "./ClientIdUrl.ts"

/** Which documents are read, and how. */
export interface ClientIdMetadataDocumentsOptions extends Pick<DocumentOptions, "timeoutMillis"> {
  /**
   * Development only: whether documents on `localhost`, 127.0.0.1 and [::1] are read as well, by http too. It counts
   * for an issuer on this machine alone; default false.
   */
  readonly allowsLoopback?: boolean
  /** Whether a document may be asked for; every one at a public address by default. */
  readonly isAllowed?: (url: URL) => boolean
  /**
   * Origins, such as `https://evil.example`, whose documents are not asked for; none by default. With `*.` before the
   * host, whatever is below it. What clients of theirs were granted before stays until the operator ends it.
   */
  readonly blockedOrigins?: ReadonlyArray<string>
  /** A program's own `fetch`: it is then that program's affair what a name resolves to. The platform's by default. */
  readonly fetch?: Fetch
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** RFC 7518 6.2.2, 6.3.2, 6.4: members of keys that nobody publishes. */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"]

const hasPrivateKey = ({ jwks }: Readonly<Record<string, unknown>>): boolean =>
  isObject(jwks) &&
  Array.isArray(jwks["keys"]) &&
  jwks["keys"].some((key) => isObject(key) && PRIVATE_MEMBERS.some((name) => key[name] !== undefined))

/** The document of this very client; throws for any other, with why. */
const documentOf = (clientId: string, text: string, faultOf: ClientReading["faultOf"]): object => {
  const said = jsonIn(text)
  if (!isObject(said)) throw new Error("it is no JSON object")
  //= CIMD-4.1-client-id-equals-url
  if (said["client_id"] !== clientId) throw new Error("its client_id is not the address that it is at")
  //= CIMD-4.1-no-private-key
  if (hasPrivateKey(said))
    throw new Error("it has a private key in jwks: publish the public part alone, and make a new key")
  const fault = faultOf(said)
  if (fault !== undefined) throw new Error(fault.description)
  return said
}

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const WILDCARD = "*."

/** Whether an address is of one of these origins; throws a `ConfigFault` for what is none. */
const blocking = (origins: ReadonlyArray<string>): ((url: URL) => boolean) => {
  const known = origins.map((said) => {
    const isWide = said.includes(`//${WILDCARD}`)
    const url = URL.parse(said.replace(`//${WILDCARD}`, "//"))
    if (
      url === null ||
      !/^https?:$/.test(url.protocol) ||
      url.href !== `${url.origin}/` ||
      url.hostname.includes("*")
    ) {
      const message = `the blocked origin \`${said}\` is not one like https://evil.example or https://*.evil.example`
      throw new ConfigFault({ message })
    }
    return { url, isWide }
  })
  return ({ origin, protocol, hostname, port }) =>
    known.some(({ url, isWide }) =>
      isWide
        ? url.protocol === protocol && url.port === port && hostname.endsWith(`.${url.hostname}`)
        : url.origin === origin,
    )
}

/** What nobody can do anything about now is told as that. */
const refusalOf = (cause: unknown): OAuthError => {
  if (!(cause instanceof DocumentFault)) throw cause
  const isPassing = cause.reason === "busy" || cause.reason === "unreachable"
  const sentence = cause.reason === "busy" ? cause.message : `the document that describes the client: ${cause.message}`
  return oauthError(isPassing ? "temporarily_unavailable" : "invalid_client", sentence)
}

/** Takes clients that a document at their id describes. It is not among the standard features: it sends requests. */
export const clientIdMetadataDocuments = ({
  allowsLoopback = false,
  isAllowed = () => true,
  blockedOrigins = [],
  timeoutMillis,
  fetch,
}: ClientIdMetadataDocumentsOptions = {}): ClientSource => {
  const isBlocked = blocking(blockedOrigins)
  const read = documentReader<ClientDocument>({
    allowsLoopback,
    ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
    ...(fetch === undefined ? {} : { fetch }),
  })
  return {
    kind: "client source",
    name: "client id metadata documents",
    requirements: ["MCP-AUTHZ-as-cimd"],
    //= CIMD-5-advertise
    metadata: () => ({ client_id_metadata_document_supported: true }),
    isOf: (clientId) => /^https?:\/\//.test(clientId),
    read: async (clientId, { issuer, now, isKnown, faultOf }) => {
      const fault = clientIdUrlFault(clientId, allowsLoopback && isLoopbackIssuer(issuer))
      if (fault !== undefined) return oauthError("invalid_client", `the client id \`${clientId}\` ${fault}`)
      const address = new URL(clientId)
      if (isBlocked(address) || !isAllowed(address)) {
        return oauthError("invalid_client", `the client \`${clientId}\` is not one that this server takes`)
      }
      try {
        return await read(clientId, {
          now,
          isKnown,
          parse: ({ text, digest }) => ({ metadata: documentOf(clientId, text, faultOf), digest }),
        })
      } catch (cause) {
        return refusalOf(cause)
      }
    },
  }
}

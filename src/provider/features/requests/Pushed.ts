/**
 * Pushed authorization requests (RFC 9126): a client sends what it asks for by itself, and the browser brings a reference.
 *
 * The reference holds the request, encrypted under a key that every instance has, so nothing is stored for a request that
 * nobody comes back with, and nobody can fill anything. It names the grant that it may open: opening or denying that grant
 * is what answers the request, once, however often the reference was opened before and in however many browsers.
 */
import { ConfigFault } from "../../ConfigFault.ts"
import { OAuthError, oauthError } from "../../OAuthError.ts"
import type {
  AuthorizationRequestRead,
  AuthorizationRequestSource,
  ClientEndpoint,
  Feature,
  FeatureContext,
} from "../Feature.ts"

/** How requests are pushed. */
export interface PushedRequestOptions {
  /** Whether every client must push its requests; by default those do that registered so. */
  readonly isRequired?: boolean
  /** Whether a request that is pushed must name its redirect URI; by default where all must push (FAPI 2.0 5.3.2.2). */
  readonly isRedirectUriNeeded?: boolean
  /** How long a reference can be opened, in seconds, at most 600; default 90. */
  readonly lifetime?: number
}

const NAME = "pushed"
const PATH = "/par"
const PREFIX = "urn:ietf:params:oauth:request_uri:"

/** What is longer could not be carried through a login; the address of the browser holds the client's id besides. */
const MAX_REFERENCE_CHARACTERS = 10_000

const DEFAULT_SECONDS = 90
const MAX_SECONDS = 600

/** What proves the client, and is no part of what it asks for. */
const credentialNames = ["client_secret", "client_assertion", "client_assertion_type"]

interface Pushed {
  readonly clientId: string
  readonly parameters: ReadonlyArray<[string, string]>
  readonly through: ReadonlyArray<string>
  readonly grantId: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: number
  readonly jkt?: string
}

const unreadable = oauthError(
  "invalid_request_uri",
  "the request_uri is none of this server, or belongs to another client; push the request again",
)

const expired = oauthError("invalid_request_uri", "the request_uri has expired; push the request again")

/** The request behind a reference, for the client that pushed it. */
//= RFC9126-2.2-request-uri-bound
const opened = async (query: URLSearchParams, { carried, now }: FeatureContext) => {
  const [reference = "", ...others] = query.getAll("request_uri").filter((value) => value !== "")
  const clientIds = query.getAll("client_id").filter((value) => value !== "")
  if (others.length > 0) return oauthError("invalid_request", "the parameter `request_uri` appears more than once")
  if (!reference.startsWith(PREFIX)) return unreadable
  const pushed = (await carried.decrypt("pushed request", reference.slice(PREFIX.length))) as Pushed | undefined
  if (pushed === undefined || clientIds.length !== 1 || pushed.clientId !== clientIds[0]) return unreadable
  const { parameters, through, grantId, jkt, expiresAt } = pushed
  const read: AuthorizationRequestRead = {
    parameters: new URLSearchParams(parameters.map(([name, value]): [string, string] => [name, value])),
    through,
    grantId,
    ...(jkt === undefined ? {} : { jkt }),
    //= RFC9126-4-expired-rejected
    ...(now() < expiresAt ? {} : { fault: expired }),
  }
  return read
}

const source = ({ isRequired = false }: PushedRequestOptions): AuthorizationRequestSource => ({
  kind: "authorization request source",
  name: NAME,
  parameter: "request_uri",
  read: (query, _request, context) => opened(query, context),
  //= RFC9126-5-required
  demand: ({ require_pushed_authorization_requests: isOwn }) =>
    isRequired || isOwn === true
      ? "the request must be pushed first: send it to the pushed_authorization_request_endpoint"
      : undefined,
})

const endpoint = ({
  isRequired = false,
  isRedirectUriNeeded = isRequired,
  lifetime = DEFAULT_SECONDS,
}: PushedRequestOptions): ClientEndpoint => ({
  kind: "client endpoint",
  name: "pushed_authorization_request",
  path: PATH,
  //= RFC9126-2.2-created
  status: 201,
  requirements: [
    "RFC9126-2-client-auth",
    "RFC9126-2.1-no-request-uri-in-par",
    "RFC9126-2.2-created",
    "RFC9126-2.2-request-uri-bound",
    "RFC9126-2.3-judged-when-pushed",
    "RFC9126-4-expired-rejected",
    "RFC9126-4-one-time",
    "RFC9126-5-required",
  ],
  clientMembers: ["require_pushed_authorization_requests"],
  metadata: ({ issuer }) => ({
    pushed_authorization_request_endpoint: issuer.replace(/\/$/, "") + PATH,
    require_pushed_authorization_requests: isRequired ? true : undefined,
  }),
  keyPurpose: "authorization request",
  answer: async (request, _form, caller, context) => {
    //= RFC9126-2-client-auth
    const client = await context.authenticate(caller)
    if (client instanceof OAuthError) return client
    const { clientId, jkt } = caller
    const given = new URLSearchParams(request.body)
    //= RFC9126-2.1-no-request-uri-in-par
    if (given.has("request_uri")) {
      return oauthError("invalid_request", "request_uri does not belong into a request that is pushed")
    }
    for (const name of credentialNames) given.delete(name)
    given.set("client_id", clientId)
    //= RFC9126-2.3-judged-when-pushed
    const by = jkt === undefined ? { source: NAME } : { source: NAME, jkt }
    const read = await context.judgeRequest(given, request, by)
    if (read instanceof OAuthError) return read
    //= RFC9126-2.2-request-uri-bound
    if (read.parameters.get("client_id") !== clientId) {
      return oauthError("invalid_request", "the request is another client's than the one that pushes it")
    }
    if (isRedirectUriNeeded && !read.parameters.get("redirect_uri")) {
      return oauthError("invalid_request", "redirect_uri is missing: a request that is pushed has to name it")
    }
    const { parameters, through = [] } = read
    const pushed: Pushed = {
      clientId,
      parameters: [...parameters],
      through,
      grantId: context.newGrantId(),
      expiresAt: context.now() + lifetime * 1000,
      ...(read.jkt === undefined ? {} : { jkt: read.jkt }),
    }
    const reference = PREFIX + (await context.carried.encrypt("pushed request", pushed))
    return reference.length > MAX_REFERENCE_CHARACTERS
      ? oauthError("invalid_request", "the request is too long to be carried through login: shorten it")
      : { request_uri: reference, expires_in: lifetime }
  },
})

/** Pushed authorization requests, as features for the list; throws a {@link ConfigFault}. */
export const pushedRequests = (options: PushedRequestOptions = {}): ReadonlyArray<Feature> => {
  const { lifetime = DEFAULT_SECONDS } = options
  if (!Number.isInteger(lifetime) || lifetime < 1 || lifetime > MAX_SECONDS) {
    throw new ConfigFault({ message: `the lifetime of pushed requests is not 1 to ${MAX_SECONDS} seconds` })
  }
  return [source(options), endpoint(options)]
}

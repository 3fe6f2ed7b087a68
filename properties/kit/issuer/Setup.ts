/**
 * Getting to know a server before anything is judged: its metadata, clients to act as, scopes to ask for, and a way to
 * see whether a token is alive.
 *
 * It logs in once for each client, as any client would. What cannot be had is left out, and what needs it is not tried.
 */
import type { Fetch } from "../../../src/outbound/index.ts"
import { TOKEN_EXCHANGE } from "../../Operation.ts"
import { madeUp } from "../../Secrets.ts"
import { CannotCheck, NotTried } from "../judging/Obstacles.ts"
import { authMethodsOf, discover, isExchanging, NoMetadata, type Endpoints, type Metadata } from "./Discovery.ts"
import type { Issuer } from "./Issuer.ts"
import { makeLiveness } from "./Liveness.ts"
import { makeLogins, MAX_ASKED_LOGINS, type AskForLogin, type LoginOptions } from "./Login.ts"
import { makeProver } from "./Proofs.ts"
import { protectedResourceAt, type ProtectedResource } from "./ProtectedResource.ts"
import { REDIRECT_URI, registerClient, type Method, type WireClient } from "./Registration.ts"
import { formRequest, type Pair } from "./Requests.ts"
import { tellLogin } from "./rules/Rule.ts"
import { hasTokens, tell } from "./Telling.ts"
import { makeWire, type Wire } from "./Wire.ts"

export interface SetupOptions {
  /** The client to act as; by default one that registers itself (RFC 7591). */
  readonly clientId?: string
  /** Its secret; absent for a public client. */
  readonly clientSecret?: string
  /** A second client, for what strangers do, where none can be registered. */
  readonly otherClientId?: string
  /** The secret of the second client; absent for a public one. */
  readonly otherClientSecret?: string
  /** Where answers are sent; by default an address on this machine that nothing listens at. */
  readonly redirectUri?: string
  /** Scopes to ask for; by default those of the metadata. */
  readonly scopes?: ReadonlyArray<string>
  /** Resources to ask tokens for (RFC 8707); by default those that are found, or none. */
  readonly resources?: ReadonlyArray<string>
  /** Where a token is asked for; the answer to one that is not alive is 401. */
  readonly resourceUrl?: string
  /** Whether a server may be tried that is not on this machine; default `false`, and then it is not. */
  readonly mayTestHost?: boolean
  /** How many requests a second are sent at most; default 5. */
  readonly ratePerSecond?: number
  /** Absent: a browser follows redirects by itself and submits nothing. */
  readonly askForLogin?: AskForLogin
  /** Has somebody allow what a device asks for (RFC 8628 3.3), at the address of its page; by default nobody does. */
  readonly approveDevice?: (url: string, userCode: string) => Promise<unknown>
  /** Whether `askForLogin` is a program, which signs in as often as it takes. */
  readonly isLoginProgram?: boolean
  /** Endpoints by their names in metadata, for a server that has none, or others than it says. */
  readonly endpoints?: Endpoints
  /** How requests are sent; by default the platform's `fetch`, guarded. */
  readonly fetch?: Fetch
  /** How time goes by where the server asks to come again; default: the real one. */
  readonly wait?: (millis: number) => Promise<unknown>
}

const RATE_PER_SECOND = 5

/** What OpenID Connect means by a scope is no right that could grow or shrink. */
const openidScopes: ReadonlyArray<string> = ["openid", "offline_access"]

/** What every request has: nothing, then what it takes to get a refresh token or to ask for user info. */
const ways = ({ scopes }: Metadata): ReadonlyArray<Pick<LoginOptions, "alwaysScopes" | "alwaysParameters">> => {
  const supported = openidScopes.filter((scope) => scopes.includes(scope))
  const prompt: ReadonlyArray<Pair> = supported.includes("offline_access") ? [["prompt", "consent"]] : []
  return [
    { alwaysScopes: [], alwaysParameters: [] },
    ...(supported.length === 0 ? [] : [{ alwaysScopes: supported, alwaysParameters: prompt }]),
  ]
}

const clientOf = (clientId: string, secret: string | undefined, redirectUri: string): WireClient => ({
  clientId,
  secret,
  method: secret === undefined ? "none" : "client_secret_basic",
  redirectUri,
})

/** The client as the server understands it: some take Basic only beside a `client_id`, some only a secret in the body. */
const spoken = async (wire: Wire, { tokenEndpoint }: Metadata, client: WireClient): Promise<WireClient> => {
  if (client.method !== "client_secret_basic") return client
  for (const way of [client, { ...client, isNamedInBody: true }, { ...client, isSecretInBody: true }]) {
    const form: ReadonlyArray<Pair> = [
      ["grant_type", "refresh_token"],
      ["refresh_token", madeUp()],
    ]
    const { body } = await wire.send(formRequest(tokenEndpoint, way, form))
    // Whoever hears of the token was let in.
    if (body["error"] === "invalid_grant") return way
  }
  return client
}

/** Whoever can introspect its own tokens comes first; the second is the other kind, or another of the same. */
const clientsOf = async (wire: Wire, metadata: Metadata, options: SetupOptions): Promise<ReadonlyArray<WireClient>> => {
  const { clientId, clientSecret, otherClientId, otherClientSecret, redirectUri = REDIRECT_URI, scopes } = options
  let obstacle = ""
  const wanted = (method: Method) =>
    registerClient(wire, metadata, {
      method,
      redirectUris: [redirectUri],
      applicationType: "native",
      scopes: scopes ?? metadata.scopes,
      ...(method === "none" || !isExchanging(metadata)
        ? {}
        : { grantTypes: ["authorization_code", "refresh_token", TOKEN_EXCHANGE] }),
    }).catch((cause: unknown) => {
      if (!(cause instanceof NotTried)) throw cause
      obstacle = `: ${cause.message}`
      return undefined
    })
  const isConfidentialFirst = metadata.introspectionEndpoint !== undefined
  const offered = authMethodsOf(metadata)
  const isPostOnly = offered.includes("client_secret_post") && !offered.includes("client_secret_basic")
  const confidential = isPostOnly ? "client_secret_post" : "client_secret_basic"
  const methods: ReadonlyArray<Method> = isConfidentialFirst ? [confidential, "none"] : ["none", confidential]
  const clients: Array<WireClient> = [
    ...(clientId === undefined ? [] : [clientOf(clientId, clientSecret, redirectUri)]),
    ...(otherClientId === undefined ? [] : [clientOf(otherClientId, otherClientSecret, redirectUri)]),
  ]
  for (const method of methods) {
    const client = await wanted(method)
    if (client !== undefined) clients.push(client)
  }
  const [first] = clients
  if (first === undefined) {
    throw new CannotCheck(`no client could be registered${obstacle}: give one with --client-id (and --client-secret)`)
  }
  const other = clients.length > 1 ? undefined : await wanted(first.method)
  return Promise.all([...clients, ...(other === undefined ? [] : [other])].map((one) => spoken(wire, metadata, one)))
}

/** What one client can do and see here. */
export interface Standpoint {
  readonly client: WireClient
  /** Whether it can be seen if its access tokens are alive. */
  readonly isSeeing: boolean
  readonly isSelfContained: boolean
  readonly hasRefresh: boolean
  /** Whether it can take back what it was given. */
  readonly canRevoke: boolean
}

export interface Ready {
  readonly issuer: Issuer
  /** Of the first client. */
  readonly standpoint: Standpoint
  /** Where the check began at a resource. */
  readonly resource: ProtectedResource | undefined
}

const obstacleIn = (cause: unknown): string => {
  if (cause instanceof NotTried) return cause.message
  throw cause
}

/** Logs `client` in once, as any client would; the failure is a sentence. */
export const standpointOf = async (issuer: Issuer, client: WireClient): Promise<Standpoint | string> => {
  const { wire, metadata, logins, scopes, resources, liveness } = issuer
  const login = await logins.login({ client, scopes }).catch(obstacleIn)
  if (typeof login === "string") return login
  if (login._tag !== "Code") {
    const isUntold = login._tag === "Refused" && login.error === "invalid_target" && resources.length === 0
    return `no login: ${tellLogin(login)}${isUntold ? "; name a resource of the server with --resource" : ""}`
  }
  const form: ReadonlyArray<Pair> = [
    ["grant_type", "authorization_code"],
    ["code", login.code],
    ["redirect_uri", client.redirectUri],
    ["code_verifier", login.verifier],
  ]
  const answer = await wire.send(formRequest(metadata.tokenEndpoint, client, form))
  if (!hasTokens(answer)) return `a login led to no tokens: ${tell(answer)}`
  const access = String(answer.body["access_token"])
  await liveness.learn(client, access)
  const { revocationEndpoint: endpoint } = metadata
  const revocation: ReadonlyArray<Pair> = [["token", access]]
  const revoked = endpoint === undefined ? undefined : await wire.send(formRequest(endpoint, client, revocation))
  if (revoked?.status === 200) await liveness.learnEnd(client, access)
  return {
    client,
    isSeeing: liveness.canLook(client, access),
    isSelfContained: liveness.isSelfContained(client, access),
    hasRefresh: typeof answer.body["refresh_token"] === "string",
    canRevoke: revoked?.status === 200,
  }
}

/** A URL without a path is an issuer first; any other a resource, unless nothing there says that it is one. */
const discovered = async (wire: Wire, url: string, endpoints: Endpoints | undefined) => {
  const isNamed = endpoints?.authorization !== undefined && endpoints.token !== undefined
  const hasPath = new URL(url).pathname !== "/"
  const resource = hasPath && !isNamed ? await protectedResourceAt(wire, url) : undefined
  if (resource !== undefined) return { resource, metadata: await discover(wire, resource.issuer, endpoints) }
  try {
    return { resource, metadata: await discover(wire, url, endpoints) }
  } catch (cause) {
    const other = hasPath || !(cause instanceof NoMetadata) ? undefined : await protectedResourceAt(wire, url)
    if (other === undefined) throw cause
    return { resource: other, metadata: await discover(wire, other.issuer, endpoints) }
  }
}

export const setUp = async (url: string, options: SetupOptions): Promise<Ready> => {
  const { mayTestHost = false, ratePerSecond = RATE_PER_SECOND, askForLogin: ask, isLoginProgram = false } = options
  const given = {
    ...(options.fetch === undefined ? {} : { fetch: options.fetch }),
    ...(options.wait === undefined ? {} : { wait: options.wait }),
  }
  const plain = makeWire({ issuer: url, mayTestHost, ratePerSecond, resourceUrl: options.resourceUrl, ...given })
  const { metadata, resource } = await discovered(plain, url, options.endpoints)
  const prover = makeProver()
  if (resource?.isProofRequired === true) prover.begin()
  const wire = prover.over(plain, metadata.tokenEndpoint)
  const clients = await clientsOf(wire, metadata, options)

  const resources = options.resources ?? (resource === undefined ? [] : [resource.resource])
  const known = resource === undefined || resource.scopes.length === 0 ? metadata.scopes : resource.scopes
  const scopes = (options.scopes ?? known).filter((scope) => !openidScopes.includes(scope))
  const resourceUrl = options.resourceUrl ?? resource?.url
  const liveness = makeLiveness(wire, { metadata, resourceUrl, clients, prover })
  const isAuto = ask === undefined
  const maxAsked = isLoginProgram ? Infinity : MAX_ASKED_LOGINS

  let best: Ready | undefined
  let failure = "no login"
  for (const way of ways(metadata)) {
    const usualResources = resources.slice(0, 1)
    const logins = makeLogins(wire, metadata, { ...way, ask, maxAsked, usualResources })
    const isUnattended = isAuto || isLoginProgram
    const about = { url: resource?.issuer ?? url, metadata, wire, logins, isAuto, isUnattended, liveness, prover }
    const issuer: Issuer = { ...about, clients, scopes, resources, approveDevice: options.approveDevice }
    const standpoint = await standpointOf(issuer, clients[0]!)
    if (typeof standpoint === "string") {
      failure = standpoint
      continue
    }
    best = { issuer, standpoint, resource }
    if (standpoint.isSeeing && standpoint.hasRefresh) break
  }
  if (best === undefined) throw new CannotCheck(failure)
  return best
}

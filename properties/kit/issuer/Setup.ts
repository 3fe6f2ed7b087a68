/**
 * Getting to know a server before anything is judged: its metadata, clients to act as, scopes to ask for, and a way to
 * see whether a token is alive.
 *
 * It logs in once for each client, as any client would. What cannot be had is left out, and what needs it is not tried.
 */
import { CannotCheck } from "../judging/Obstacles.ts"
import { discover, type Metadata } from "./Discovery.ts"
import type { Issuer } from "./Issuer.ts"
import { livenessOf, type Liveness } from "./Liveness.ts"
import { makeLogins, type AskForLogin, type LoginOptions } from "./Login.ts"
import { REDIRECT_URI, registerClient, type Method, type WireClient } from "./Registration.ts"
import { formRequest, type Pair } from "./Requests.ts"
import { hasTokens, tell, tellLogin } from "./rules/Rule.ts"
import { makeWire, type Wire } from "./Wire.ts"

export interface SetupOptions {
  readonly clientId?: string
  readonly clientSecret?: string
  readonly redirectUri?: string
  readonly scopes?: ReadonlyArray<string>
  readonly resources?: ReadonlyArray<string>
  /** Where a token is asked for; the answer to one that is not alive is 401. */
  readonly resourceUrl?: string
  readonly mayTestHost?: boolean
  readonly ratePerSecond?: number
  /** Absent: a browser follows redirects by itself and submits nothing. */
  readonly askForLogin?: AskForLogin
  readonly fetch?: typeof fetch
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

/** Whoever can introspect its own tokens comes first; the second is the other kind, or another of the same. */
const clientsOf = async (wire: Wire, metadata: Metadata, options: SetupOptions): Promise<ReadonlyArray<WireClient>> => {
  const { clientId, clientSecret, redirectUri = REDIRECT_URI, scopes } = options
  const wanted = (method: Method) =>
    registerClient(wire, metadata, {
      method,
      redirectUris: [redirectUri],
      applicationType: "native",
      scopes: scopes ?? metadata.scopes,
    })
  const given: WireClient | undefined =
    clientId === undefined
      ? undefined
      : {
          clientId,
          secret: clientSecret,
          method: clientSecret === undefined ? "none" : "client_secret_basic",
          redirectUri,
        }
  const isConfidentialFirst = metadata.introspectionEndpoint !== undefined
  const methods: ReadonlyArray<Method> = isConfidentialFirst
    ? ["client_secret_basic", "none"]
    : ["none", "client_secret_basic"]
  const clients: Array<WireClient> = given === undefined ? [] : [given]
  for (const method of methods) {
    const client = await wanted(method)
    if (client !== undefined) clients.push(client)
  }
  if (clients.length === 0) {
    throw new CannotCheck("no client could be registered: give one with --client-id (and --client-secret)")
  }
  const [first] = clients as [WireClient]
  const other = clients.length > 1 ? undefined : await wanted(first.method)
  return other === undefined ? clients : [...clients, other]
}

/** What one client can do and see here. */
export interface Standpoint {
  readonly client: WireClient
  readonly liveness: Liveness | undefined
  readonly hasRefresh: boolean
  /** Whether it can take back what it was given. */
  readonly canRevoke: boolean
}

export interface Ready {
  readonly issuer: Issuer
  /** Of the first client. */
  readonly standpoint: Standpoint
}

/** Logs `client` in once, as any client would; the failure is a sentence. */
export const standpointOf = async (
  { wire, metadata, logins, scopes, resources }: Issuer,
  client: WireClient,
  resourceUrl: string | undefined,
): Promise<Standpoint | string> => {
  const login = await logins.login({ client, scopes })
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
  const { access_token: access, refresh_token: refresh } = answer.body
  const liveness = await livenessOf(wire, { metadata, resourceUrl }, client, String(access))
  const { revocationEndpoint: endpoint } = metadata
  const revocation: ReadonlyArray<Pair> = [["token", String(access)]]
  const revoked = endpoint === undefined ? undefined : await wire.send(formRequest(endpoint, client, revocation))
  return { client, liveness, hasRefresh: typeof refresh === "string", canRevoke: revoked?.status === 200 }
}

export const setUp = async (url: string, options: SetupOptions): Promise<Ready> => {
  const { mayTestHost = false, ratePerSecond = RATE_PER_SECOND, resources = [], resourceUrl } = options
  const fetching = options.fetch === undefined ? {} : { fetch: options.fetch }
  const wire = makeWire({ issuer: url, mayTestHost, ratePerSecond, resourceUrl, ...fetching })
  const metadata = await discover(wire, url)
  const clients = await clientsOf(wire, metadata, options)
  const scopes = (options.scopes ?? metadata.scopes).filter((scope) => !openidScopes.includes(scope))

  let best: Ready | undefined
  let failure = "no login"
  for (const way of ways(metadata)) {
    const usualResources = resources.slice(0, 1)
    const logins = makeLogins(wire, metadata, { ...way, ask: options.askForLogin, usualResources })
    const isAuto = options.askForLogin === undefined
    const issuer: Issuer = { url, metadata, wire, logins, isAuto, clients, scopes, resources }
    const standpoint = await standpointOf(issuer, clients[0]!, resourceUrl)
    if (typeof standpoint === "string") {
      failure = standpoint
      continue
    }
    best = { issuer, standpoint }
    if (standpoint.liveness !== undefined && standpoint.hasRefresh) break
  }
  if (best === undefined) throw new CannotCheck(failure)
  return best
}

/** Sound servers that do one thing otherwise than this project's own: a policy, a limit, another form of token. */
import { calculateJwkThumbprint, EmbeddedJWK, jwtVerify } from "jose"
import { ISSUER } from "../support/TestServer.ts"
import {
  atForms,
  atTokens,
  formIn,
  membersOf,
  pathOf,
  isLive,
  refusal,
  withForm,
  withMembers,
  type Ask,
  type Twist,
} from "./FaultyServers.ts"

/** No refresh tokens at all. */
export const noRefreshTokens: Twist = (ask) =>
  atForms((form) => (form.get("grant_type") === "refresh_token" ? refusal(400, "unsupported_grant_type") : undefined))(
    atTokens(({ refresh_token: _, ...members }) => members)(ask),
  )

/** A response says the scope only where it is another than was asked for. */
export const unsaidScopes: Twist = atTokens(({ scope: _, ...members }) => members)

/** A token that nobody was given is refused before anybody looks who shows it. */
export const looksAtTokenFirst: Twist = atForms((form) =>
  form.getAll("grant_type").join() === "refresh_token" &&
  form.getAll("refresh_token").length === 1 &&
  !form.get("refresh_token")!.startsWith("glr_")
    ? refusal(400, "invalid_grant")
    : undefined,
)

/** Every fifth request has to come again; each answer of that kind is counted. */
export const asksToComeAgain =
  (onLimit: () => void, headers: HeadersInit = { "retry-after": "1" }): Twist =>
  (ask) => {
    let count = 0
    return async (request) => {
      count += 1
      if (count % 5 !== 0) return ask(request)
      onLimit()
      return new Response("slow down", { status: 429, headers })
    }
  }

/** Answers nothing but what leads there, and from then on asks everybody to come again tomorrow. */
export const tiresAfter =
  (requestCount: number): Twist =>
  (ask) => {
    let count = 0
    return async (request) => {
      count += 1
      return count <= requestCount
        ? ask(request)
        : new Response(null, { status: 429, headers: { "retry-after": "86400" } })
    }
  }

/** A script that asks for the login gets JSON, as single-page applications want it; a browser is redirected. */
export const answersScriptsWithJson: Twist = (ask) => async (request) => {
  const answer = await ask(request)
  const { headers } = request
  const isScript = headers.get("sec-fetch-mode") === "cors" || headers.get("accept")?.includes("text/html") !== true
  const location = answer.headers.get("location")
  return pathOf(request) === "/authorize" && isScript && location !== null
    ? Response.json({ redirect: location })
    : answer
}

/** Nothing is said of the server. */
export const noMetadata: Twist = (ask) => async (request) =>
  pathOf(request).startsWith("/.well-known/") ? new Response(null, { status: 404 }) : ask(request)

/** Clients are known beforehand, and nobody registers. */
export const noRegistration: Twist = (ask) => async (request) => {
  if (pathOf(request) === "/register" && !request.headers.has("x-operator")) return new Response(null, { status: 404 })
  const answer = await ask(request)
  if (!pathOf(request).startsWith("/.well-known/")) return answer
  const { registration_endpoint: _, ...members } = await membersOf(answer)
  return withMembers(answer, members)
}

const base64url = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url")

const packed = (token: string, claims: Readonly<Record<string, unknown>>): string =>
  `${base64url({ alg: "none", typ: "JWT" })}.${base64url({ ...claims, jti: token })}.${"s".repeat(43)}`

const unpacked = (jwt: string): string | undefined => {
  const [, claims] = jwt.split(".")
  if (jwt.split(".").length !== 3 || claims === undefined) return undefined
  return (JSON.parse(Buffer.from(claims, "base64url").toString()) as { readonly jti: string }).jti
}

const shownIn = (request: Request, scheme = "Bearer"): string => {
  const [said, token = ""] = request.headers.get("authorization")?.split(" ") ?? []
  return said === scheme ? token : ""
}

/**
 * Access tokens are JWTs, which introspection does not know. A resource at `/mcp` takes them: until they expire, or as
 * long as the server says that they are alive.
 */
export const jwtAccessTokens =
  (isLookedUp: boolean): Twist =>
  (ask) => {
    const asked: Ask = async (request) => {
      if (pathOf(request) === "/mcp") {
        const token = unpacked(shownIn(request))
        const isTaken = token !== undefined && (!isLookedUp || (await isLive(ask, token)))
        return new Response(null, { status: isTaken ? 406 : 401 })
      }
      if (pathOf(request) === "/token") {
        const answer = await ask(request)
        const members = await membersOf(answer)
        const { access_token: token, expires_in: seconds, scope } = members
        if (typeof token !== "string") return answer
        const exp = Math.floor(Date.now() / 1000) + Number(seconds)
        return withMembers(answer, { ...members, access_token: packed(token, { exp, scope }) })
      }
      if (pathOf(request) !== "/revoke" && pathOf(request) !== "/introspect") return ask(request)
      const form = await formIn(request)
      const token = unpacked(form.get("token") ?? "")
      if (token === undefined) return ask(request)
      form.set("token", pathOf(request) === "/introspect" ? "what introspection does not know" : token)
      return ask(withForm(request, form))
    }
    return asked
  }

/** An MCP server beside its authorization server: it refuses who has no token and says who gives them. */
export const mcpResource =
  (path: string, { isSaid = true, method = "GET" } = {}): Twist =>
  (ask) =>
  async (request) => {
    const metadata = `${ISSUER}/.well-known/oauth-protected-resource${path}`
    if (request.url === metadata) {
      const members = { resource: `${ISSUER}${path}`, authorization_servers: [ISSUER], scopes_supported: ["read"] }
      return Response.json(members)
    }
    if (pathOf(request) !== path) return ask(request)
    if (request.method !== method) return new Response(null, { status: 405 })
    if (await isLive(ask, shownIn(request))) return new Response(null, { status: 406 })
    const challenge = isSaid ? `Bearer resource_metadata="${metadata}"` : "Bearer"
    return new Response(null, { status: 401, headers: { "www-authenticate": challenge } })
  }

/** No introspection. */
export const noIntrospection: Twist = (ask) => async (request) => {
  if (pathOf(request) === "/introspect") return new Response(null, { status: 404 })
  const answer = await ask(request)
  if (!pathOf(request).startsWith("/.well-known/oauth-authorization-server")) return answer
  const { introspection_endpoint: _, ...members } = await membersOf(answer)
  return withMembers(answer, members)
}

/** Authorization requests have to be pushed (RFC 9126): what stands in an address is not looked at. */
export const pushedOnly: Twist = (ask) => {
  const pushed = new Map<string, URLSearchParams>()
  return async (request) => {
    const url = new URL(request.url)
    if (url.pathname === "/par") {
      const form = await formIn(request)
      if (form.has("request_uri")) return refusal(400, "invalid_request")
      const probe = await ask(new Request(`${ISSUER}/authorize?${form}`))
      if (probe.status >= 400) return refusal(400, "invalid_request")
      const request_uri = `urn:ietf:params:oauth:request_uri:${pushed.size}`
      pushed.set(request_uri, form)
      return Response.json({ request_uri, expires_in: 60 }, { status: 201 })
    }
    if (url.pathname === "/authorize") {
      const form = pushed.get(url.searchParams.get("request_uri") ?? "")
      pushed.delete(url.searchParams.get("request_uri") ?? "")
      const isOwn = form?.get("client_id") === url.searchParams.get("client_id")
      return isOwn ? ask(new Request(`${ISSUER}/authorize?${form}`)) : refusal(400, "invalid_request")
    }
    const answer = await ask(request)
    if (!url.pathname.startsWith("/.well-known/oauth-authorization-server")) return answer
    return withMembers(answer, {
      ...(await membersOf(answer)),
      require_pushed_authorization_requests: true,
      pushed_authorization_request_endpoint: `${ISSUER}/par`,
    })
  }
}

/** Every token is bound to a key (RFC 9449), and a proof has to have the nonce that the server gave. */
export const proofsOnly: Twist = (ask) => {
  const NONCE = "the-nonce-of-these-tests"
  const keys = new Map<string, string>()
  return async (request) => {
    if (pathOf(request) !== "/token") return ask(request)
    const form = await formIn(request)
    const proof = request.headers.get("dpop")
    if (proof === null) return refusal(400, "invalid_dpop_proof")
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, { typ: "dpop+jwt" })
    if (payload["htm"] !== "POST" || payload["htu"] !== request.url) return refusal(400, "invalid_dpop_proof")
    if (payload["nonce"] !== NONCE) return refusal(400, "use_dpop_nonce", { "dpop-nonce": NONCE })
    const thumbprint = await calculateJwkThumbprint(protectedHeader.jwk!)
    const shown = form.get("refresh_token") ?? ""
    if ((keys.get(shown) ?? thumbprint) !== thumbprint) return refusal(400, "invalid_grant")
    const answer = await ask(request)
    const members = await membersOf(answer)
    if (typeof members["refresh_token"] === "string") keys.set(members["refresh_token"], thumbprint)
    return answer.status === 200 ? withMembers(answer, { ...members, token_type: "DPoP" }) : answer
  }
}

/**
 * A network without wires: servers by origin, everything that a client sent them, and a browser that asks nobody.
 *
 * The client under test gets `fetch` from here and nothing else; only its callback server is real.
 */
import { Effect } from "effect"
import { memoryKeyValue, TokenStorageAdapter, type TokenStorage } from "../../../src/client/index.ts"
import { createHandler } from "../../../src/http/index.ts"
import { protectResource, type ProtectOptions } from "../../../src/resource/index.ts"
import { serverOver, type Setting } from "../../support/TestServer.ts"

export type Server = (request: Request) => Response | Promise<Response>

/** What a client sent somewhere. */
export interface Sent {
  readonly origin: string
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Headers
  readonly body: string
  /** All of it as one text, to look for secrets in. */
  readonly text: string
}

const unreachable = (): never => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("no such host"), { code: "ENOTFOUND" }) })
}

export const makeWorld = () => {
  const servers = new Map<string, Server>()
  const sent: Array<Sent> = []
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const url = new URL(request.url)
    const body = await request.clone().text()
    const headers = request.headers
    const text = [request.method, request.url, ...[...headers].flat(), decodeURIComponent(body.replaceAll("+", " "))]
    sent.push({
      origin: url.origin,
      method: request.method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body,
      text: text.join("\n"),
    })
    return (servers.get(url.origin) ?? unreachable)(request)
  }
  /** Follows one redirect out of the authorization endpoint to the callback, as a browser whose user agrees does. */
  const openBrowser = async (url: string): Promise<boolean> => {
    const response = await (servers.get(new URL(url).origin) ?? unreachable)(new Request(url))
    const location = response.headers.get("location")
    if (location === null) throw new Error(`no way on from ${response.status}: ${await response.text()}`)
    pages.push(globalThis.fetch(location).then(async (page) => ({ status: page.status, text: await page.text() })))
    return true
  }
  /** What the browser was shown by the callback. */
  const pages: Array<Promise<{ readonly status: number; readonly text: string }>> = []
  const to = (origin: string, path?: string) =>
    sent.filter((one) => one.origin === origin && (path === undefined || one.path === path))
  return { servers, sent, to, fetch, openBrowser, pages }
}

export type World = ReturnType<typeof makeWorld>

/** A grantlog under this issuer, that approves every loopback request. */
export const addGrantlog = async (world: World, issuer: string, setting: Setting = {}) => {
  const made = await serverOver({ ...setting, config: { ...setting.config, issuer } })
  const handler = createHandler(made.native, {
    sourceOf: () => "127.0.0.1",
    limits: {
      registrationsPerMinute: 100_000,
      registrationsPerHour: 100_000,
      failedAuthenticationsPerMinute: 100_000,
      loginsPerMinute: 100_000,
    },
  })
  world.servers.set(new URL(issuer).origin, handler)
  return made
}

export type Grantlog = Awaited<ReturnType<typeof addGrantlog>>

/** A resource that takes tokens of these issuers; `POST` needs `write` besides `read`. */
export const addResource = (
  world: World,
  mcpUrl: string,
  grantlog: Grantlog,
  authorizationServers: ReadonlyArray<string>,
  options: Partial<ProtectOptions> = {},
) => {
  const api = protectResource({
    resource: mcpUrl,
    authorizationServers,
    scopes: ["read"],
    verifier: { verify: (token) => Effect.runPromise(grantlog.native.verify(token)) },
    now: grantlog.clock.now,
    ...options,
  })
  const { origin } = new URL(mcpUrl)
  const handler = api.fetch((request, access) => {
    if (request.method !== "POST" || access.scopes.includes("write")) return Response.json({ scopes: access.scopes })
    const challenge = `Bearer error="insufficient_scope", scope="write", resource_metadata="${api.metadataUrl}"`
    return new Response(null, { status: 403, headers: { "www-authenticate": challenge } })
  })
  world.servers.set(origin, handler)
}

export const ISSUER = "http://localhost:4000"
export const MCP_URL = "http://localhost:9999/mcp"

/** One grantlog, one resource. */
export const makeStack = async (setting: Setting = {}) => {
  const world = makeWorld()
  const grantlog = await addGrantlog(world, ISSUER, setting)
  addResource(world, MCP_URL, grantlog, [ISSUER])
  const options = {
    mcpUrl: MCP_URL,
    clientName: "Tester",
    fetch: world.fetch,
    openBrowser: world.openBrowser,
    now: grantlog.clock.now,
  }
  return { world, grantlog, options, clock: grantlog.clock }
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  Response.json(body, { status, headers })

/** What is kept between two clients for one server. */
export const memoryStorage = (mcpUrl = MCP_URL): TokenStorage => TokenStorageAdapter(memoryKeyValue(), mcpUrl)

/** The handlers under other people's servers: at the root, and below a path that the issuer has. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { Hono } from "hono"
import { getRequestListener } from "@hono/node-server"
import newExpress from "express"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createHandler, nodeListener } from "../../src/http/index.ts"
import { authorizationServer, ephemeralKeys, memoryStore, type EmbeddedServer } from "../../src/entry/grantlog.ts"
import * as express from "../examples/mountExpress.ts"
import * as hono from "../examples/mountHono.ts"
import * as nodeHttp from "../examples/mountNodeHttp.ts"
import { hostLogin } from "../examples/ownLogin.ts"
import { isPage, REDIRECT_URI, RESOURCE, wireClient, type App } from "../support/WireClient.ts"

/** A server whose issuer has the port that it listens on, and this path. */
const start = async (
  path: string,
  mount: (server: EmbeddedServer) => RequestListener,
  config: { readonly autoApprove?: string } = { autoApprove: "alice" },
) => {
  let listener: RequestListener = (_, response) => response.writeHead(503).end()
  const http = createServer((request, response) => listener(request, response))
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  const origin = `http://localhost:${(http.address() as AddressInfo).port}`
  const issuer = origin + path
  const server = await authorizationServer({
    store: memoryStore(),
    keys: ephemeralKeys(),
    config: { issuer, resources: [RESOURCE], ...config },
  })
  listener = mount(server)
  const close = async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
    await server.close()
  }
  return { origin, issuer, server, wire: wireClient(issuer), close }
}

/** The fetch handler where a program has no other, behind the adapter that Hono brings along. */
const onThisMachine = { sourceOf: () => "127.0.0.1" }
const asListener = (server: EmbeddedServer): RequestListener => {
  const handle = createHandler(server, onThisMachine)
  return getRequestListener(
    (request) => (new URL(request.url).pathname === "/hello" ? new Response("hello") : handle(request)),
    { overrideGlobalObjects: false },
  )
}
const onExpress = (server: EmbeddedServer): RequestListener => {
  const app = newExpress()
  app.get("/hello", (_, response) => response.end("hello"))
  app.use(getRequestListener(createHandler(server, onThisMachine), { overrideGlobalObjects: false }))
  return app
}
/** Express below the issuer's own path, behind the routes of the host and with bodies unread. */
const belowItsPath = (server: EmbeddedServer): RequestListener => {
  const app = newExpress()
  const { pathname } = new URL(server.settings.issuer)
  app.get("/hello", (_, response) => response.end("hello"))
  app.use(pathname, nodeListener(server))
  app.use("/.well-known", nodeListener(server))
  return app
}
/** Express in Express: both take their part of the path away. */
const belowExpress = (server: EmbeddedServer): RequestListener => {
  const [app, inner] = [newExpress(), newExpress()]
  const [, first = "", ...rest] = new URL(server.settings.issuer).pathname.split("/")
  const listener = nodeListener(server)
  inner.use(`/${rest.join("/")}`, listener)
  app.use(`/${first}`, inner)
  app.use("/.well-known", listener)
  app.get("/hello", (_, response) => response.end("hello"))
  return app
}
/** Hono mounts what it is given without its path, unless it is told to leave the request as it is. */
const mountedInHono = (server: EmbeddedServer): RequestListener => {
  const app = new Hono()
  const handle = createHandler(server, onThisMachine)
  app.get("/hello", (context) => context.text("hello"))
  const { pathname } = new URL(server.settings.issuer)
  for (const path of ["/.well-known", pathname]) app.mount(path, handle, { replaceRequest: false })
  return getRequestListener(app.fetch, { overrideGlobalObjects: false })
}

const frameworks = {
  "node:http": nodeHttp,
  Express: express,
  "Express, below its path": { mount: belowItsPath },
  "Express in Express": { mount: belowExpress },
  Hono: hono,
  "Hono, mounted": { mount: mountedInHono },
  "node:http, by the fetch handler": { mount: asListener },
  "Express, by the fetch handler": { mount: onExpress },
}
const mounts = Object.entries(frameworks).flatMap(([name, { mount }]) =>
  ["", "/tenant/a"].map((path) => ({ name, path, mount })),
)

describe.each(mounts)("under $name, the issuer's path being `$path`,", ({ path, mount }) => {
  let running: Awaited<ReturnType<typeof start>>
  beforeAll(async () => {
    running = await start(path, mount)
  })
  afterAll(() => running.close())

  it("the metadata is where clients look for it, and names what is there", async () => {
    const { origin, issuer } = running
    const documents = ["oauth-authorization-server", "openid-configuration"].map((name) => `/.well-known/${name}`)
    // RFC 8414 inserts the path, OpenID Connect appends to it, and clients try both.
    const addresses = documents.flatMap((document) => [origin + document + path, issuer + document])
    for (const address of addresses) {
      const response = await fetch(address)
      expect(await response.json()).toMatchObject({ issuer, token_endpoint: `${issuer}/token` })
    }
    // Whoever else has the root of the host is not answered for.
    const atRoot = await fetch(origin + documents[0]!)
    expect(atRoot.status).toBe(path === "" ? 200 : 404)
  })

  it("a client comes from nothing to tokens, refreshes them, and ends them", async () => {
    const { wire, server } = running
    const app = await wire.newApp()
    const tokens = await wire.login(app, { resource: RESOURCE })
    const added = await server.addClient({ metadata: { redirect_uris: [], grant_types: [] }, audience: RESOURCE })
    const watcher: App = {
      clientId: added.client_id,
      clientSecret: added.client_secret!,
      method: "client_secret_basic",
      redirectUri: "",
    }
    const next = await wire.refreshed(app, tokens.refresh)
    expect(await wire.isActive(watcher, next.access)).toBe(true)
    expect((await wire.revoke(app, next.refresh)).status).toBe(200)
    expect(await wire.isActive(watcher, next.access)).toBe(false)
  })

  it("bad requests are refused as they are anywhere, and the host's own routes stay its own", async () => {
    const { origin, wire } = running
    expect((await wire.post("/token", { grant_type: "nonsense", client_id: "x" })).status).toBe(400)
    expect((await wire.send("POST", "/register", { "content-type": "application/json" }, "{")).status).toBe(400)
    expect(await (await fetch(`${origin}/hello`)).text()).toBe("hello")
  })
})

describe("a host's own session as login", () => {
  const sessionOf = (cookie: string) => {
    const user = /(?:^|; )host=(\w+)/.exec(cookie)?.[1]
    return user === undefined ? undefined : { user, since: 1 }
  }
  const mount = (server: EmbeddedServer): RequestListener => {
    const app = new Hono()
    const handle = createHandler(server, { login: hostLogin(sessionOf) })
    app.all("*", (context) => handle(context.req.raw))
    return getRequestListener(app.fetch, { overrideGlobalObjects: false })
  }

  it("shows consent to who is signed in there, and sends everybody else to the host's own page", async () => {
    await using running = await disposable(start("", mount, {}))
    const { wire, server } = running
    const app = await wire.newApp()
    const begun = await wire.authorize(app)
    const consentAt = begun.headers.get("location")!
    const browser = /^([^;]+)/.exec(begun.headers.getSetCookie()[0]!)![1]!
    const path = consentAt.replace(running.issuer, "")
    const stranger = await wire.get(path, { cookie: browser })
    expect(stranger.headers.get("location")).toMatch(/^\/sign-in\?next=%2Fconsent/)
    const page = await wire.get(path, { cookie: `${browser}; host=maria` })
    expect(isPage(page)).toBe(true)
    expect(page.text).toContain("maria")
    expect(page.text).toContain(REDIRECT_URI.slice(7, 16))
    expect((await server.accounts.list()).map(({ name, hasPassword }) => [name, hasPassword])).toEqual([
      ["maria", false],
    ])
  })
})

const disposable = async <Running extends { readonly close: () => Promise<void> }>(starting: Promise<Running>) => {
  const running = await starting
  return { ...running, [Symbol.asyncDispose]: running.close }
}

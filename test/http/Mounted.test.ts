/** The rules of standing below a path of somebody else's server: whatever a router took away, and what goes on to it. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import express, { type Express } from "express"
import { expect, onTestFinished, test } from "vitest"
import { createHandler, nodeListener, type NodeListener } from "../../src/http/index.ts"
import {
  authorizationServer,
  ConfigFault,
  ephemeralKeys,
  fromOAuthProvider,
  inMemoryProvider,
  memoryStore,
  toOAuthProvider,
} from "../../src/entry/grantlog.ts"
import type { ProtocolServer } from "../../src/provider/index.ts"
import { serverOver } from "../support/TestServer.ts"
import { wireClient } from "../support/WireClient.ts"

const ORIGIN = "http://localhost:4000"

const listening = async (listener: RequestListener) => {
  const http = createServer(listener)
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  return wireClient(`http://127.0.0.1:${(http.address() as AddressInfo).port}`)
}

/** An Express app of which `mount` makes grantlog a part; what comes through says so, with its body. */
const underExpress = async (path: string, mount: (app: Express, listener: NodeListener) => void) => {
  const { native } = await serverOver({ config: { issuer: ORIGIN + path } })
  const app = express()
  mount(app, nodeListener(native))
  app.use(async (request, response) => response.end(`the host's ${request.originalUrl}: ${await text(request)}`))
  return listening(app)
}

/** Each is a way to have the requests below `/auth/id` come here. */
const mounts: Readonly<Record<string, (app: Express, listener: NodeListener) => void>> = {
  "at the root": (app, listener) => app.use(listener),
  "below the issuer's path": (app, listener) => app.use(["/auth/id", "/.well-known"], listener),
  "below a part of it, in a router of its own": (app, listener) => {
    const inner = express()
    inner.use("/id", listener)
    app.use("/auth", inner)
    app.use("/.well-known", listener)
  },
  "by routes, which take nothing away": (app, listener) => app.all(["/auth/id/*rest", "/.well-known/*rest"], listener),
}

test.each(Object.entries(mounts))("%s, an issuer with a path is found where it says it is", async (_, mount) => {
  const wire = await underExpress("/auth/id", mount)
  const issuer = `${ORIGIN}/auth/id`
  const documents = [
    "/.well-known/oauth-authorization-server/auth/id",
    "/.well-known/openid-configuration/auth/id",
    "/auth/id/.well-known/openid-configuration?a=b",
  ]
  for (const path of documents) {
    expect((await wire.get(path)).body, path).toMatchObject({ issuer, token_endpoint: `${issuer}/token` })
  }
  expect((await wire.get("/auth/id/healthz")).body).toEqual({ status: "ok" })
  expect((await wire.get("/auth/id/authorize?client_id=an-unknown-one")).text).toContain("The client is not known here")
})

test.each(Object.entries(mounts))("%s, what is not ours goes on, untouched", async (_, mount) => {
  const wire = await underExpress("/auth/id", mount)
  for (const path of ["/auth/id/nothing", "/.well-known/oauth-authorization-server", "/token", "/auth/token", "/"]) {
    const { text: answer } = await wire.post(path, { a: "b" })
    expect(answer).toBe(`the host's ${path}: a=b`)
  }
  const { status, headers } = await wire.send("DELETE", "/auth/id/token")
  expect([status, headers.get("allow")]).toEqual([405, "POST"])
})

test("an issuer without a path may stand below one that a proxy takes away", async () => {
  const wire = await underExpress("", (app, listener) => app.use("/behind", listener))
  expect((await wire.get("/behind/healthz?a=b")).body).toEqual({ status: "ok" })
  expect((await wire.get("/behind/nothing")).text).toBe("the host's /behind/nothing: ")
})

test("the path that a request came with is more than what a rewriter made of it", async () => {
  const wire = await underExpress("", (app, listener) => {
    app.use((request, _, next) => {
      request.url = "/token"
      next()
    })
    app.use(listener)
  })
  expect((await wire.get("/healthz")).body).toEqual({ status: "ok" })
  expect((await wire.get("/nothing")).status).toBe(405)
})

test("where nobody stands behind, what is not ours is not found", async () => {
  const { native } = await serverOver()
  const wire = await listening(nodeListener(native))
  expect(await wire.get("/nothing")).toMatchObject({ status: 404, body: { error: "not_found" } })
})

test("everything that serves takes what `authorizationServer` resolved with, its effects, and anybody's provider", async () => {
  const config = { issuer: ORIGIN }
  const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  const foreign = fromOAuthProvider(inMemoryProvider(), config)
  for (const one of [server, server.effects, foreign]) {
    const wire = await listening(nodeListener(one))
    expect((await wire.get("/healthz")).status).toBe(200)
    expect((await createHandler(one)(new Request(`${ORIGIN}/healthz`))).status).toBe(200)
  }
})

test("what is no server, such as one that nobody awaited, is refused at once", () => {
  const config = { issuer: ORIGIN }
  const unawaited = authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  for (const one of [unawaited, undefined, null, {}, { effects: undefined }, { effects: null }, "server"]) {
    for (const make of [nodeListener, createHandler, toOAuthProvider]) {
      const attempt = () => (make as (server: ProtocolServer) => unknown)(one as unknown as ProtocolServer)
      expect(attempt).toThrow(ConfigFault)
      expect(attempt).toThrow(
        "`server` is no server: give what `authorizationServer` resolved with (await it), or what `fromOAuthProvider` returned",
      )
    }
  }
})

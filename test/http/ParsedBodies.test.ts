/**
 * The rules of bodies that somebody in front has read: what a parser left in `request.body` is as good as the body, and
 * what was left nowhere is refused at once.
 */
import { createServer } from "node:http"
import { connect, type AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import express, { type RequestHandler } from "express"
import { describe, expect, it, onTestFinished, test } from "vitest"
import { createHandler, nodeListener, type MountedEndpoint } from "../../src/http/index.ts"
import { addResourceServer } from "../support/Session.ts"
import { ISSUER, serverOver } from "../support/TestServer.ts"
import { RESOURCE, wireClient } from "../support/WireClient.ts"

const OTHER = "http://localhost:9998/mcp"
const MEBIBYTE = 1024 * 1024

/** Says what body came. */
const echo: MountedEndpoint = [
  "POST",
  "/echo",
  ({ body }) => Effect.succeed({ status: 200, headers: { "content-type": "text/plain" }, body }),
]

/** A server behind these middlewares of an Express app, where `request.body` may be anything. */
const behind = async (...middlewares: ReadonlyArray<RequestHandler>) => {
  const { native, ...made } = await serverOver()
  const app = express()
  app.use(...middlewares)
  app.use(nodeListener(native, { mounted: [echo] }))
  const http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  return { ...made, native, url, wire: wireClient(url) }
}

/** Reads the body to its end and leaves `body` of it. */
const reading =
  (body: (read: string, type: string) => unknown): RequestHandler =>
  async (request, _, next) => {
    request.body = body(await text(request), request.headers["content-type"] ?? "")
    next()
  }

const FORM = "application/x-www-form-urlencoded"

/** As the parsers of Fastify: objects without a prototype, a list where a name came twice. */
const asFastify = reading((read, type) => {
  if (type !== FORM) return read === "" ? undefined : JSON.parse(read)
  const form: Record<string, unknown> = Object.create(null)
  for (const name of new URLSearchParams(read).keys()) {
    const values = new URLSearchParams(read).getAll(name)
    form[name] = values.length > 1 ? values : values[0]
  }
  return form
})

const parsers: Readonly<Record<string, ReadonlyArray<RequestHandler>>> = {
  "express.json and express.urlencoded": [express.json(), express.urlencoded()],
  "express.urlencoded, extended": [express.json(), express.urlencoded({ extended: true })],
  "express.urlencoded, not extended": [express.json(), express.urlencoded({ extended: false })],
  "express.text": [express.text({ type: "*/*" })],
  "express.raw": [express.raw({ type: "*/*" })],
  "a parser like Fastify's": [asFastify],
  "a parser that leaves bytes that are no Buffer": [reading((read) => new TextEncoder().encode(read))],
  "parsers that parse nothing and leave an empty object, as Express 4 does": [
    (request, _, next) => {
      request.body = {}
      next()
    },
  ],
  "somebody who paused the body and thought about it": [
    async (request, _, next) => {
      request.pause()
      await new Promise((resolve) => setImmediate(resolve))
      next()
    },
  ],
  "somebody who asked for text": [
    (request, _, next) => {
      request.setEncoding("latin1")
      next()
    },
  ],
  nobody: [(_request, _, next) => next()],
}

describe.each(Object.entries(parsers))("behind %s", (_, middlewares) => {
  it("a client comes from nothing to tokens for two resources, refreshes them and ends them", async () => {
    const server = await behind(...middlewares)
    const { wire } = server
    const app = await wire.newApp()
    const watcher = await addResourceServer(server)
    const tokens = await wire.login(app, { resource: [RESOURCE, OTHER], scope: "read" })
    expect((await wire.introspect(watcher, tokens.access)).body).toMatchObject({ active: true, scope: "read" })
    const next = await wire.refreshed(app, tokens.refresh)
    expect(await wire.isActive(watcher, next.access)).toBe(true)
    expect((await wire.revoke(app, next.refresh)).status).toBe(200)
    expect(await wire.isActive(watcher, next.access)).toBe(false)
  })

  it("what a client sends is refused for the same reason as without anybody in front", async () => {
    const [{ wire }, bare] = [await behind(...middlewares), await behind((_request, _, next) => next())]
    const json = { "content-type": "application/json" }
    const form = { "content-type": FORM }
    const ask = async (path: string, headers: Readonly<Record<string, string>>, body: string) => {
      const answers = [await wire.send("POST", path, headers, body), await bare.wire.send("POST", path, headers, body)]
      const [here, there] = answers.map(({ status, text: said }) => [status, said])
      expect(here).toEqual(there)
      return answers[0]!.body
    }
    expect(await ask("/token", form, "grant_type=refresh_token&grant_type=refresh_token")).toMatchObject({
      error_description: "the parameter `grant_type` appears more than once",
    })
    expect(await ask("/token", form, "grant_type=%C3%BC&client_id=a+b%2Bc")).toMatchObject({
      error: expect.any(String),
    })
    expect(await ask("/token", form, "")).toMatchObject({ error: "invalid_request" })
    expect(await ask("/token", json, '{"grant_type":"refresh_token"}')).toMatchObject({
      error_description: "the body must be application/x-www-form-urlencoded",
    })
    expect(await ask("/register", form, "redirect_uris=x")).toMatchObject({ error: "invalid_client_metadata" })
    expect(await ask("/register", json, "{}")).toMatchObject({ error: expect.any(String) })
    const long = await ask("/token", form, `a=${"x".repeat(66_000)}`)
    expect(long).toMatchObject({ error_description: "the body is larger than 65536 bytes" })
  })

  it("a request without a body is answered", async () => {
    const { wire } = await behind(...middlewares)
    expect((await wire.get("/healthz")).text).toBe('{"status":"ok"}')
    expect((await wire.send("POST", "/revoke")).status).toBe(400)
    expect((await wire.send("HEAD", "/healthz")).status).toBe(200)
  })
})

const SENTENCE =
  "the body was read before it came here: mount this in front of what reads bodies, or have that leave it in request.body"

const nested = (depth: number): unknown => {
  let value: unknown = "x"
  for (let level = 0; level < depth; level++) value = [value]
  return value
}

test.each([
  [FORM, "nothing", () => undefined],
  [FORM, "null", () => null],
  [FORM, "a number", () => 17],
  [FORM, "an empty object", () => ({})],
  [FORM, "lists in lists without an end", () => ({ a: nested(100_000) })],
  ["application/json", "nothing", () => undefined],
  ["application/json", "null", () => null],
  ["application/json", "an empty object", () => ({})],
  ["application/json", "what JSON cannot say", () => ({ a: 1n })],
])("a body of type %s that was read and left as %s is refused at once", async (type, _, left) => {
  const { wire } = await behind(reading(left))
  const { status, body, headers } = await wire.send("POST", "/register", { "content-type": type }, "a=1")
  expect([status, body]).toEqual([400, { error: "invalid_request", error_description: SENTENCE }])
  expect(headers.get("access-control-allow-origin")).toBe("*")
})

test("a body that comes as text, in whatever encoding somebody asked for, is the bytes that were sent", async () => {
  const { wire } = await behind((request, _, next) => {
    request.setEncoding("latin1")
    next()
  })
  expect((await wire.send("POST", "/echo", {}, "é ✨")).text).toBe("é ✨")
})

test("a body that somebody has begun to read is refused at once", async () => {
  const { wire } = await behind((request, _, next) => {
    request.once("data", () => next())
  })
  const { status, body } = await wire.post("/token", { grant_type: "refresh_token" })
  expect([status, body.error_description]).toEqual([400, SENTENCE])
})

test("a body that was read and had nothing in it is an empty one", async () => {
  const { wire } = await behind(reading(() => undefined))
  expect((await wire.get("/healthz")).status).toBe(200)
  expect((await wire.send("POST", "/echo")).text).toBe("")
  expect((await wire.send("POST", "/register", { "content-type": "application/json" })).body).toMatchObject({
    error_description: "the body is not JSON",
  })
})

test("an object of one or two bytes is what it says", async () => {
  const { wire } = await behind(reading((read) => (read === "{}" ? {} : undefined)))
  const { body } = await wire.send("POST", "/register", { "content-type": "application/json" }, "{}")
  expect(body.error).not.toBe("invalid_request")
})

test.each([
  ["names in brackets are no parameters", { grant_type: { x: "refresh_token" }, "": "", a: null }, "is missing"],
  ["a name beside its own brackets stays", { grant_type: ["nonsense", { x: "y" }] }, "unsupported_grant_type"],
  ["a long list that came as an object is a list", { grant_type: { 0: "nonsense", 10: "x" } }, "more than once"],
  ["a name that only begins as a number is none of a list", { grant_type: { "0x": "nonsense" } }, "is missing"],
  ["a name that only ends as a number is none of a list", { grant_type: { x0: "nonsense" } }, "is missing"],
  ["what is nothing was not sent", { grant_type: null }, "is missing"],
  ["a list of one is one", { grant_type: ["nonsense"] }, "unsupported_grant_type"],
  ["a list in a list is a list", { grant_type: [["nonsense"], ["x"]] }, "more than once"],
])("of a form that was parsed, %s", async (_, form, said) => {
  const { wire } = await behind(reading(() => ({ client_id: "x", ...form })))
  const { status, text: answer } = await wire.post("/token", { client_id: "x" })
  expect([status, answer]).toEqual([400, expect.stringContaining(said)])
})

test("what a parser in front takes as one body and is larger than a body may be is too large", async () => {
  const { wire } = await behind(reading(() => ({ a: "é".repeat(32_768) })))
  const { status } = await wire.send("POST", "/register", { "content-type": "application/json" }, "{}")
  expect(status).toBe(413)
  const fits = await behind(reading(() => "é".repeat(32_768)))
  expect((await fits.wire.send("POST", "/register", { "content-type": "application/json" }, "{}")).status).toBe(400)
})

test("a request that somebody in front has cut off harms nobody", async () => {
  const { wire } = await behind((request, _, next) => {
    if (request.method === "POST") request.destroy()
    next()
  })
  await expect(wire.post("/token", { grant_type: "refresh_token" })).rejects.toThrow(TypeError)
  expect((await wire.get("/healthz")).status).toBe(200)
})

test("the fetch handler refuses a request whose body somebody has read", async () => {
  const { native } = await serverOver()
  const request = new Request(`${ISSUER}/token`, {
    method: "POST",
    body: "grant_type=x",
    headers: { "content-type": FORM },
  })
  await request.text()
  const response = await createHandler(native)(request)
  expect([response.status, await response.json()]).toEqual([
    400,
    { error: "invalid_request", error_description: SENTENCE },
  ])
})

test("an answer that comes after somebody else has answered changes nothing and breaks nothing", async () => {
  const { native } = await serverOver()
  const defects: Array<unknown> = []
  const app = express()
  app.use((_, response, next) => {
    response.writeHead(504).end("too late")
    next()
  })
  app.use(nodeListener(native, { onDefect: (defect) => defects.push(defect) }))
  const http = createServer(app)
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void http.close())
  const response = await fetch(`http://127.0.0.1:${(http.address() as AddressInfo).port}/healthz`)
  expect([response.status, await response.text(), defects]).toEqual([504, "too late", []])
})

test("who sends on and on to what somebody else has answered is cut off: what comes behind it is not answered", async () => {
  const { url } = await behind((_request, response, next) => {
    response.writeHead(504).end("too late")
    next()
  })
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  onTestFinished(() => void socket.destroy())
  let received = ""
  socket.on("data", (data) => (received += data.toString()))
  // Where it is cut off, what is still being sent may meet with a reset.
  socket.on("error", () => {})
  const isClosed = new Promise((resolve) => socket.on("close", () => resolve(true)))
  socket.write(`POST /echo HTTP/1.1\r\nhost: x\r\ncontent-length: ${40 * MEBIBYTE}\r\n\r\n`)
  const piece = Buffer.alloc(MEBIBYTE)
  for (let count = 0; count < 40; count++) socket.write(piece)
  socket.write("GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
  expect(await isClosed).toBe(true)
  expect(received.split("HTTP/1.1 504").length).toBeLessThanOrEqual(2)
})

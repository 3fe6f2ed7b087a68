/** The rules of the two ways to carry requests: node:http and fetch give the same answers. */
import { createServer, request } from "node:http"
import { connect } from "node:net"
import { join } from "node:path"
import { text as textOf } from "node:stream/consumers"
import { Effect } from "effect"
import { describe, expect, onTestFinished, test } from "vitest"
import { createHandler, nodeListener, type MountedEndpoint } from "../../src/http/index.ts"
import { authorizationServer } from "../../src/embedded/index.ts"
import { ephemeralKeys, memoryStore } from "../../src/provider/index.ts"
import { startSession } from "../support/Session.ts"
import { ISSUER, overMemory, serve, serverOver, temporaryFolder } from "../support/TestServer.ts"
import { wireClient } from "../support/WireClient.ts"

test("the fetch handler and the Node server answer alike, but for the id of the request", async () => {
  const { native } = await serverOver()
  const handle = createHandler(native)
  const { send } = wireClient(await serve(native))
  const form = { "content-type": "application/x-www-form-urlencoded" }
  for (const [method, path, body] of [
    ["GET", "/.well-known/oauth-authorization-server", undefined],
    ["HEAD", "/healthz", undefined],
    ["OPTIONS", "/token", undefined],
    ["GET", "/authorize?client_id=x", undefined],
    ["POST", "/token", "grant_type=refresh_token&refresh_token=x&client_id=x"],
    ["POST", "/register", "{}"],
    ["DELETE", "/revoke", undefined],
    ["GET", "/nothing", undefined],
  ] as const) {
    const init = { method, headers: form, ...(body === undefined ? {} : { body }) }
    const response = await handle(new Request(ISSUER + path, init))
    const answer = await send(method, path, form, body)
    // Pages name the request, too.
    const namelessOf = (text: string, headers: Headers) => text.replace(headers.get("x-request-id")!, "the request")
    const text = namelessOf(await response.text(), response.headers)
    expect([response.status, text]).toEqual([answer.status, namelessOf(answer.text, answer.headers)])
    const own = ["x-request-id", "date", "connection", "keep-alive", "content-length"]
    const headersOf = (headers: Headers) => Object.fromEntries([...headers].filter(([name]) => !own.includes(name)))
    expect(headersOf(response.headers)).toEqual(headersOf(answer.headers))
  }
})

test("the handler takes the server that programs without Effect have", async () => {
  const config = { issuer: ISSUER }
  const server = await authorizationServer({ store: memoryStore(), keys: ephemeralKeys(), config })
  const response = await createHandler(server)(new Request(`${ISSUER}/.well-known/openid-configuration`))
  expect(await response.json()).toMatchObject({ issuer: ISSUER })
})

describe("an endpoint behind the fetch handler", () => {
  const start = async () => {
    const seen: Array<readonly [body: string, source: string]> = []
    const endpoint: MountedEndpoint = [
      "POST",
      "/seen",
      ({ body, source }) => {
        seen.push([body, source])
        return Effect.succeed({ status: 200, headers: {}, body: "" })
      },
    ]
    const handle = createHandler((await serverOver()).native, { mounted: [endpoint] })
    return { seen, post: (init: RequestInit) => handle(new Request(`${ISSUER}/seen`, { method: "POST", ...init })) }
  }

  test("gets an empty text for a body that is not there, and for a source that nobody names", async () => {
    const { seen, post } = await start()
    expect((await post({})).status).toBe(200)
    expect(seen).toEqual([["", ""]])
  })

  test("gets nothing of a body that breaks off, which is a bad request", async () => {
    const { seen, post } = await start()
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("the line is dead")) })
    const response = await post({ body, duplex: "half" } as RequestInit)
    expect([response.status, await response.json()]).toEqual([
      400,
      { error: "invalid_request", error_description: "the body did not arrive" },
    ])
    expect(seen).toEqual([])
  })
})

test("who goes away from pieces that cannot be ended has gone away", async () => {
  const pieces = { [Symbol.asyncIterator]: () => ({ next: async () => ({ done: false, value: "x" }) }) }
  const endpoint: MountedEndpoint = [
    "GET",
    "/endless",
    () => Effect.succeed({ status: 200, headers: {}, body: "", pieces }),
  ]
  const handle = createHandler((await serverOver()).native, { mounted: [endpoint] })
  const { body } = await handle(new Request(`${ISSUER}/endless`))
  expect(await body!.cancel()).toBeUndefined()
})

test.each([
  [`${ISSUER}/healthz`, /^HTTP\/1.1 200 .*\{"status":"ok"\}$/s],
  ["HTTP://localhost:4000/healthz?a=b?c", /^HTTP\/1.1 200 .*\{"status":"ok"\}$/s],
  ["/healthz?", /^HTTP\/1.1 200 .*\{"status":"ok"\}$/s],
  [ISSUER, /^HTTP\/1.1 200 .*<!doctype html>/is],
  [`${ISSUER}/`, /^HTTP\/1.1 200 .*<!doctype html>/is],
  ["/http://localhost:4000/healthz", /^HTTP\/1.1 404 .*\{"error":"not_found"\}$/s],
])("a request line with %s in it is served as a URL is read", async (target, answer) => {
  const { url } = await startSession()
  const { hostname, port } = new URL(url)
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    onTestFinished(() => void socket.destroy())
    let received = ""
    socket.on("data", (chunk) => (received += chunk.toString()))
    socket.on("close", () => resolve(received))
    socket.on("error", reject)
    socket.write(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
  })
  expect(text).toMatch(answer)
})

test("a client that goes away in the middle of its request harms nobody", async () => {
  const { url, wire } = await startSession()
  const { hostname, port } = new URL(url)
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write("POST /token HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf", () => socket.destroy())
    })
    socket.on("close", () => resolve())
  })
  expect((await wire.get("/healthz")).status).toBe(200)
})

describe("the Node server", () => {
  test.each([true, false])(
    "ends the connection of a reply that cannot be written, and no more; told: %s",
    async (isTold) => {
      const { native } = await serverOver()
      const broken: MountedEndpoint = [
        "GET",
        "/broken",
        () => Effect.succeed({ status: 200, headers: { "x-a": "a\nb" }, body: "" }),
      ]
      const told: Array<unknown> = []
      const telling = isTold ? { onDefect: (defect: unknown) => void told.push(defect) } : {}
      const url = await serve(native, { endpoints: { mounted: [broken], ...telling } })
      await expect(fetch(`${url}/broken`)).rejects.toThrow(TypeError)
      expect(told).toMatchObject(isTold ? [{ code: "ERR_INVALID_CHAR" }] : [])
      expect((await fetch(`${url}/healthz`)).status).toBe(200)
    },
  )

  test.skipIf(process.platform === "win32")("knows no address of what comes through a Unix socket", async () => {
    const { native } = await serverOver()
    const where: MountedEndpoint = [
      "GET",
      "/where",
      ({ source }) => Effect.succeed({ status: 200, headers: {}, body: source }),
    ]
    const socketPath = join(temporaryFolder(), "socket")
    const http = createServer(nodeListener(native, { mounted: [where] }))
    await new Promise<void>((resolve) => http.listen(socketPath, resolve))
    onTestFinished(() => void http.close())
    const said = await new Promise<string>((resolve, reject) => {
      const asked = request({ socketPath, path: "/where", agent: false }, (response) => resolve(textOf(response)))
      asked.on("error", reject).end()
    })
    expect(said).toBe("")
  })

  test("looks at nothing of a body that is too large: nobody is registered by the beginning of it", async () => {
    const { url, native } = await overMemory.start()
    const { hostname, port } = new URL(url)
    const metadata = JSON.stringify({ redirect_uris: ["http://127.0.0.1/"] })
    const chunk = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n`
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname)
      onTestFinished(() => void socket.destroy())
      let received = ""
      socket.on("data", (data) => (received += data.toString()))
      socket.on("close", () => resolve(received))
      socket.on("error", reject)
      const head = "POST /register HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
      socket.write(`${head}${chunk(metadata)}${chunk(" ".repeat(65_536))}0\r\n\r\n`)
    })
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(await Effect.runPromise(native.clients())).toEqual([])
  })
})

/** The rules of the two ways to carry requests: node:http and fetch give the same answers. */
import { connect } from "node:net"
import { expect, onTestFinished, test } from "vitest"
import { createHandler } from "../../src/http/index.ts"
import { authorizationServer, ephemeralKeys, memoryStore } from "../../src/provider/index.ts"
import { startSession } from "../support/Session.ts"
import { ISSUER, serve, serverOver } from "../support/TestServer.ts"
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

test.each([
  [`${ISSUER}/healthz`, /^HTTP\/1.1 200 .*\{"status":"ok"\}$/s],
  ["HTTP://localhost:4000/healthz?a=b?c", /^HTTP\/1.1 200 .*\{"status":"ok"\}$/s],
  ["/healthz?", /^HTTP\/1.1 200 .*\{"status":"ok"\}$/s],
  [ISSUER, /^HTTP\/1.1 200 .*<!doctype html>/is],
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

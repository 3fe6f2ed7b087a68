/** The rules of what a request costs beside its endpoint: read once, answered at once, written once. */
import { createServer } from "node:http"
import { connect, type AddressInfo, type Socket } from "node:net"
import { Effect } from "effect"
import { expect, onTestFinished, test } from "vitest"
import { nodeListener, type NodeListener } from "../../src/http/index.ts"
import { addResourceServer, addService } from "../support/Session.ts"
import { serverOver, type Setting } from "../support/TestServer.ts"
import { RESOURCE, wireClient } from "../support/WireClient.ts"

/** A server of which every write to a connection is counted. */
const listening = async (setting: Setting = {}, around = (listener: NodeListener) => listener) => {
  const made = await serverOver(setting)
  const http = createServer(around(nodeListener(made.native, setting.endpoints)))
  const written: Array<string> = []
  http.on("connection", (socket: Socket) => {
    const write = socket.write.bind(socket) as (...input: ReadonlyArray<unknown>) => boolean
    socket.write = (...input: ReadonlyArray<unknown>) => {
      written.push(String(input[0]))
      return write(...input)
    }
  })
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const { port } = http.address() as AddressInfo
  return { ...made, port, url: `http://127.0.0.1:${port}`, written }
}

test("every answer is one write and says its length", async () => {
  const server = await listening()
  const wire = wireClient(server.url, { host: "localhost" })
  const [app, watcher, service] = [await wire.newApp(), await addResourceServer(server), await addService(server)]
  const { access } = await wire.login(app, { resource: RESOURCE })
  await wire.token(service, { grant_type: "client_credentials" })
  await wire.introspect(watcher, access)
  await wire.revoke(app, access)
  for (const path of ["/", "/authorize", "/healthz", "/.well-known/oauth-authorization-server", "/nothing"]) {
    await wire.get(path, { accept: "text/html" })
  }
  expect(server.written.map((text) => text.slice(0, 12))).toEqual(
    [201, 303, 200, 200, 200, 200, 200, 400, 200, 200, 404].map((status) => `HTTP/1.1 ${status}`),
  )
  for (const text of server.written) {
    const [head = "", body = ""] = text.split("\r\n\r\n")
    expect(head).toContain(`\r\ncontent-length: ${Buffer.byteLength(body)}`)
  }
})

test.each([
  ["GET", "/.well-known/oauth-authorization-server", undefined],
  ["POST", "/token", "grant_type=unheard-of&client_id=x"],
  ["DELETE", "/token", undefined],
])("what needs no store is answered in the turn in which it came: %s %s", async (method, path, body) => {
  const turns: Array<boolean> = []
  const { url } = await listening({}, (listener) => (message, response) => {
    listener(message, response)
    message.on("end", () => turns.push(response.writableEnded))
  })
  await wireClient(url).send(method, path, { "content-type": "application/x-www-form-urlencoded" }, body)
  expect(turns).toEqual([true])
})

test("a header may have any name, and one that came twice is both of them", async () => {
  const { port } = await listening({
    endpoints: {
      mounted: [
        ["GET", "/echo", ({ headers }) => Effect.succeed({ status: 200, headers: {}, body: JSON.stringify(headers) })],
      ],
    },
  })
  const lines = [
    "Host: a",
    "X-One: 1",
    "x-one: 2",
    "__proto__: p",
    "Constructor: c",
    "constructor: d",
    "Connection: close",
  ]
  const text = await new Promise<string>((resolve, reject) => {
    const socket = connect(port, "127.0.0.1")
    let received = ""
    socket.on("data", (chunk) => (received += chunk.toString()))
    socket.on("close", () => resolve(received))
    socket.on("error", reject)
    socket.write(`GET /echo HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`)
  })
  expect(text.split("\r\n\r\n")[1]).toBe(
    '{"host":"a","x-one":"1, 2","__proto__":"p","constructor":"c, d","connection":"close"}',
  )
})

/** Eight processes, one encrypted store, many expiries: one refresh each, and nobody has to log in again. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { expect, it, onTestFinished } from "vitest"
import {
  ENCRYPTION_KEY_VARIABLE,
  EncryptedKeyValue,
  fileKeyValue,
  newEncryptionKey,
  OAuth,
  parseEncryptionKeys,
  TokenStorageAdapter,
} from "../../src/client/index.ts"
import { nodeListener } from "../../src/http/index.ts"
import { protectResource } from "../../src/resource/index.ts"
import { isLong } from "../support/Breadth.ts"
import { serverOver } from "../support/TestServer.ts"
import { endOf, runnable, startProgram } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const PROGRAM = runnable(new URL("support/SharingClient.ts", import.meta.url))
const PROCESS_COUNT = 8
const EXPIRY_COUNT = isLong ? 50 : 20

/** A server whose listener comes later, because it has to know its own address. */
const listen = async () => {
  const http = createServer()
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return { http, origin: `http://localhost:${(http.address() as AddressInfo).port}` }
}

it(`eight processes refresh one login ${EXPIRY_COUNT} times, once an expiry`, { timeout: 600_000 }, async () => {
  using folder = temporaryFolder()
  const { http: as, origin: issuer } = await listen()
  const { http: rs, origin } = await listen()
  const { native, clock } = await serverOver({ config: { issuer } })
  const replies: Array<string> = []
  const front = nodeListener(native, { limits: { failedAuthenticationsPerMinute: 100_000 } })
  as.on("request", (request, response) => {
    response.on("finish", () => replies.push(`${request.method} ${request.url} ${response.statusCode}`))
    front(request, response)
  })
  const mcpUrl = `${origin}/mcp`
  const api = protectResource({
    resource: mcpUrl,
    authorizationServers: [issuer],
    verifier: { verify: (token) => Effect.runPromise(native.verify(token)) },
  })
  rs.on("request", (request, response) => api.express(request, response, () => response.end("{}")))

  const key = await newEncryptionKey()
  const keyValue = EncryptedKeyValue(fileKeyValue(folder.at("logins")), await parseEncryptionKeys(key, "the test"))
  const tokenStorage = TokenStorageAdapter(keyValue, mcpUrl)
  await OAuth({ mcpUrl, tokenStorage, now: clock.now, openBrowser: (url) => void fetch(url) }).authFlow()

  const clients = Array.from({ length: PROCESS_COUNT }, () => {
    const child = startProgram([PROGRAM, mcpUrl, folder.at("logins")], { [ENCRYPTION_KEY_VARIABLE]: key })
    let complaints = ""
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (complaints += chunk))
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
    const line = async () => {
      const { value, done } = (await lines.next()) as { readonly value: string; readonly done?: boolean }
      if (done === true) throw new Error(`a client ended: ${complaints}`)
      return value
    }
    return { child, line }
  })
  await Promise.all(clients.map(({ line }) => line()))

  const refreshes = () => replies.filter((reply) => reply.startsWith("POST /token"))
  for (let expiry = 1; expiry <= EXPIRY_COUNT; expiry++) {
    clock.pass(3600)
    for (const { child } of clients) child.stdin.write(`${clock.now()}\n`)
    const said = await Promise.all(clients.map(({ line }) => line()))
    expect(new Set(said).size).toBe(1)
    expect(said[0]).toMatch(/^200 /)
    // The first is the login.
    expect(refreshes()).toHaveLength(1 + expiry)
  }
  expect(new Set(refreshes())).toEqual(new Set(["POST /token 200"]))
  for (const { child } of clients) child.stdin.end()
  expect(await Promise.all(clients.map(({ child }) => endOf(child)))).toEqual(clients.map(() => 0))
})

/** `grantlog login`, `token` and `logout` against the example MCP server: the browser is one request. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { statSync } from "node:fs"
import { expect, it } from "vitest"
import { ENCRYPTION_KEY_VARIABLE, newEncryptionKey } from "../../src/client/index.ts"
import { mcpApp } from "../examples/mcp-server.ts"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { logInByCommand } from "./support/CommandLogin.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve } from "./support/ServeProcess.ts"
import type { Client as Credentials } from "./support/Wire.ts"

const whoami = (url: string, token: string) =>
  fetch(url, {
    method: "POST",
    headers: {
      authorization: `Bearer ${token}`,
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "whoami", arguments: {} } }),
  })

it("logs in once, gives scripts a token that works, and after a logout the token is dead", async () => {
  using folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const mcp = createServer()
  await new Promise<void>((resolve) => mcp.listen(0, "localhost", resolve))
  const url = `http://localhost:${(mcp.address() as AddressInfo).port}/mcp`
  await using server = await serve(file)
  const add = ["client", "add", "--name", "mcp", "--audience", url, "--store", `sqlite:${file}`]
  const { client_id: clientId, client_secret: clientSecret } = await grantlogJson<Credentials>(add)
  mcp.on("request", mcpApp({ issuer: server.issuer, resource: url, clientId, clientSecret: clientSecret! }))
  try {
    const env = { GRANTLOG_CREDENTIALS: folder.at("logins"), [ENCRYPTION_KEY_VARIABLE]: await newEncryptionKey() }
    const none = await grantlog(["token", url], { env })
    expect(none).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(`grantlog login ${url}`) })

    const { stdout, code, page } = await logInByCommand([url], env)
    expect([code, stdout]).toEqual([0, `logged in at ${server.issuer}, with the scope read\n`])
    expect(page).toContain("Logged in")
    expect(statSync(folder.at("logins")).mode & 0o777).toBe(0o700)

    const token = (await grantlog(["token", url], { env })).stdout.trim()
    expect(await (await whoami(url, token)).text()).toMatch(/sub_\w{22} may read/)

    expect(await grantlog(["logout", url], { env })).toMatchObject({ code: 0, stdout: expect.stringContaining("told") })
    expect((await whoami(url, token)).status).toBe(401)
    expect((await grantlog(["token", url], { env })).code).toBe(1)
  } finally {
    mcp.closeAllConnections()
    mcp.close()
  }
})

it("what cannot be meant is one line that says what to do", async () => {
  using folder = temporaryFolder()
  const env = { GRANTLOG_CREDENTIALS: folder.at("logins") }
  const { code, stderr } = await grantlog(["login", "http://mcp.example.com/mcp"], { env })
  expect(code).toBe(1)
  expect(stderr).toMatch(/^grantlog: OAuth: mcpUrl .*https address.*\n$/)
})

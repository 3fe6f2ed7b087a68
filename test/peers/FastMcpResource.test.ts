/** A FastMCP server that takes grantlog's tokens, called by a FastMCP client: both as their documentation has them. */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { expect, onTestFinished, test } from "vitest"
import { grantlogJson } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { serve, serveWithSlash, type RunningServer } from "../live/support/ServeProcess.ts"
import { introspect, login, register, revoke, type Client } from "../live/support/Wire.ts"
import { PYTHON } from "./Environment.ts"

interface Called {
  readonly said: string
  readonly client: Client
  readonly access_token: string
  readonly refresh_token: string
  /** How often the browser was opened so far. */
  readonly opened: number
}

/** A Python program that is asked and answers by lines; gone when the test is. */
const startPython = (program: string, ...args: ReadonlyArray<string>) => {
  const child: ChildProcessWithoutNullStreams = spawn(PYTHON, [
    join(import.meta.dirname, "FastMcpResource", program),
    ...args,
  ])
  let complaints = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (complaints += chunk))
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    child.kill("SIGKILL")
    await ended
  })
  return {
    tell: (line: string) => void child.stdin.write(`${line}\n`),
    next: async (): Promise<unknown> => {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`${program} ended: ${complaints}`)
      return JSON.parse(value)
    },
  }
}

/** grantlog, and a FastMCP server that introspects there; `asUrl`: which names the issuer by a URL type. */
const startStack = async (start: (file: string) => Promise<RunningServer> = serve, asUrl = false) => {
  const folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  const file = folder.at("grantlog.db")
  const { url: address, issuer, stop } = await start(file)
  onTestFinished(async () => void (await stop()))
  const server = startPython("server.py")
  const { url } = (await server.next()) as { readonly url: string }
  const add = ["client", "add", "--name", "fastmcp", "--audience", url, "--store", `sqlite:${file}`]
  const resourceServer = await grantlogJson<Client>(add)
  server.tell(JSON.stringify({ issuer, as_url: asUrl, ...resourceServer }))
  return { address, issuer, url, resourceServer }
}

const ask = (url: string, token?: string) =>
  fetch(url, { method: "POST", headers: token === undefined ? {} : { authorization: `Bearer ${token}` } })

test("a FastMCP client calls a tool, refreshes, and logs in anew once its grant was revoked", async () => {
  const { address, url, resourceServer } = await startStack()
  const client = startPython("client.py", url)
  const call = async () => {
    client.tell("call")
    return (await client.next()) as Called
  }
  const first = await call()
  expect(first).toMatchObject({ said: expect.stringMatching(/^sub_\w{22} may read$/), opened: 1 })
  expect(await introspect(address, resourceServer, first.access_token)).toMatchObject({
    body: { active: true, aud: url, client_id: first.client.client_id },
  })

  client.tell("expire")
  const refreshed = await call()
  expect(refreshed).toMatchObject({ said: first.said, opened: 1 })
  expect(refreshed.refresh_token).not.toBe(first.refresh_token)

  expect(await revoke(address, first.client, refreshed.refresh_token)).toMatchObject({ status: 200 })
  for (const token of [first.access_token, refreshed.access_token]) expect((await ask(url, token)).status).toBe(401)
  const again = await call()
  expect(again).toMatchObject({ said: first.said, opened: 2, client: first.client })
})

test("a FastMCP server takes no token for another resource, nor one without the scope it needs", async () => {
  const { address, url } = await startStack()
  const app = await register(address)
  const good = await login(address, app, { resource: url, scope: "read" })
  expect((await ask(url, good.access_token)).status).not.toBe(401)
  const elsewhere = await login(address, app, { resource: "http://localhost:9/other" })
  expect((await ask(url, elsewhere.access_token)).status).toBe(401)
  const writer = await login(address, app, { resource: url, scope: "write" })
  expect((await ask(url, writer.access_token)).status).toBe(401)
})

test("a FastMCP server that names the issuer by its URL type needs one that ends in a slash, and its client then logs in", async () => {
  const { issuer, url } = await startStack(serveWithSlash, true)
  const told = await fetch(`${new URL(url).origin}/.well-known/oauth-protected-resource/mcp`)
  expect(await told.json()).toMatchObject({ authorization_servers: [issuer] })
  const client = startPython("client.py", url)
  client.tell("call")
  expect(await client.next()).toMatchObject({ said: expect.stringMatching(/^sub_\w{22} may read$/), opened: 1 })

  const other = await startStack(serve, true)
  const refusing = startPython("client.py", other.url)
  refusing.tell("call")
  await expect(refusing.next()).rejects.toThrow(`issuer mismatch: ${other.issuer} != ${other.issuer}/`)
})

test.each(["ES256", "RS256"])(
  "FastMCP's JWTVerifier takes a JWT for its resource that is signed by %s, and none for another",
  async (algorithm) => {
    const folder = temporaryFolder()
    onTestFinished(() => folder[Symbol.dispose]())
    const server = startPython("server.py")
    const { url } = (await server.next()) as { readonly url: string }
    const flags = ["--jwt-access-tokens", url, "--jwt-alg", algorithm]
    const { url: address, issuer, stop } = await serve(folder.at("grantlog.db"), ...flags)
    onTestFinished(async () => void (await stop()))
    server.tell(JSON.stringify({ issuer, algorithm, jwks_uri: `${issuer}/jwks` }))
    const client = startPython("client.py", url)
    client.tell("call")
    const called = (await client.next()) as Called
    expect(called).toMatchObject({ said: expect.stringMatching(/^sub_\w{22} may read$/), opened: 1 })
    expect(called.access_token.split(".")).toHaveLength(3)
    const app = await register(address)
    const elsewhere = await login(address, app, { resource: "http://localhost:9/other" })
    const unsigned = `${called.access_token.split(".").slice(0, 2).join(".")}.`
    for (const token of [elsewhere.access_token, unsigned]) expect((await ask(url, token)).status).toBe(401)
  },
)

/**
 * The client in the wild: a grantlog process, an MCP server that it protects, both generations of the MCP SDK, and the
 * callback over real sockets. The browser is one request that goes where it is sent.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import {
  Client as ClientV2,
  StreamableHTTPClientTransport as TransportV2,
  type OAuthClientProvider as ProviderV2,
} from "@modelcontextprotocol/client"
import type { OAuthClientProvider as ProviderV1 } from "@modelcontextprotocol/sdk/client/auth.js"
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import {
  checkIfAuthRequired,
  memoryKeyValue,
  OAuth,
  TokenStorageAdapter,
  type OAuthOptions,
} from "../../src/client/index.ts"
import { mcpApp } from "../examples/mcp-server.ts"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { revoke, type Client as Credentials } from "./support/Wire.ts"

interface Stack extends AsyncDisposable {
  readonly server: RunningServer
  readonly mcpUrl: string
}

const startStack = async (): Promise<Stack> => {
  const folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const mcp = createServer()
  await new Promise<void>((resolve) => mcp.listen(0, "localhost", resolve))
  const mcpUrl = `http://localhost:${(mcp.address() as AddressInfo).port}/mcp`
  const server = await serve(file)
  const add = ["client", "add", "--name", "mcp", "--audience", mcpUrl, "--store", `sqlite:${file}`]
  const { client_id: clientId, client_secret: clientSecret } = await grantlogJson<Credentials>(add)
  mcp.on("request", mcpApp({ issuer: server.issuer, resource: mcpUrl, clientId, clientSecret: clientSecret! }))
  return {
    server,
    mcpUrl,
    [Symbol.asyncDispose]: async () => {
      mcp.closeAllConnections()
      mcp.close()
      await server.stop()
      folder[Symbol.dispose]()
    },
  }
}

let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})

afterAll(() => stack[Symbol.asyncDispose]())

/** A client whose browser goes where the server sends it, and counts how often that was. */
const newOAuth = (more: Partial<OAuthOptions> = {}) => {
  const pages: Array<Promise<string>> = []
  const oauth = OAuth({
    mcpUrl: stack.mcpUrl,
    clientName: "A tester",
    callbackTimeout: 120,
    openBrowser: (url) => void pages.push(fetch(url).then((page) => page.text())),
    ...more,
  })
  return { oauth, pages }
}

/** What both generations of the SDK can do, as far as it matters here. */
interface Speaker {
  readonly connect: (transport: never) => Promise<void>
  readonly callTool: (call: { readonly name: string }) => Promise<unknown>
  readonly close: () => Promise<void>
}

interface Generation {
  readonly name: string
  readonly client: () => Speaker
  readonly transport: (options: object) => { readonly finishAuth: (code: string, iss?: string) => Promise<void> }
}

const implementation = { name: "test", version: "1.0.0" }
const generations: ReadonlyArray<Generation> = [
  {
    name: "1.x",
    client: () => new ClientV1(implementation) as unknown as Speaker,
    transport: (options) => new TransportV1(new URL(stack.mcpUrl), options),
  },
  {
    name: "2.x",
    client: () => new ClientV2(implementation) as unknown as Speaker,
    transport: (options) => new TransportV2(new URL(stack.mcpUrl), options) as never,
  },
]

const whoami = async (client: Speaker): Promise<string> => {
  const { content } = (await client.callTool({ name: "whoami" })) as { readonly content: [{ readonly text: string }] }
  return content[0].text
}

it("the server says without credentials that a login is needed, and to whom one can talk it says that it is not", async () => {
  expect(await checkIfAuthRequired(`${stack.server.url}/healthz`)).toBe(false)
  expect(await checkIfAuthRequired("http://127.0.0.1:1/mcp")).toBe(true)
})

describe.each(generations)("the MCP SDK $name", ({ client: newClient, transport: newTransport }) => {
  it("logs in, calls a tool and goes on after a revocation, through `oauth.fetch` alone", async () => {
    const tokenStorage = TokenStorageAdapter(memoryKeyValue(), stack.mcpUrl)
    const { oauth, pages } = newOAuth({ tokenStorage })
    const client = newClient()
    await client.connect(newTransport({ fetch: oauth.fetch }) as never)
    expect(await whoami(client)).toMatch(/^sub_\w{22} may read$/)
    const before = (await oauth.token())!
    await revoke(stack.server.url, (await tokenStorage.getClientInfo())!.client, before)
    expect(await whoami(client)).toMatch(/ may read$/)
    expect(await oauth.token()).not.toBe(before)
    expect(await Promise.all(pages)).toEqual([expect.stringContaining("Logged in")])
    await client.close()
  })

  it("logs in and calls a tool through the provider, and refreshes by itself when the token is refused", async () => {
    const { oauth, pages } = newOAuth()
    const authProvider = (await oauth.provider()) satisfies ProviderV1 satisfies ProviderV2
    const first = newTransport({ authProvider })
    const client = newClient()
    await expect(client.connect(first as never)).rejects.toThrow()
    const [code, , iss] = await authProvider.callbackHandler()
    await first.finishAuth(code, iss)
    const again = newClient()
    await again.connect(newTransport({ authProvider }) as never)
    expect(await whoami(again)).toMatch(/ may read$/)

    const before = (await oauth.token())!
    const { client_id } = (await authProvider.clientInformation())!
    await revoke(stack.server.url, { client_id }, before)
    expect(await whoami(again)).toMatch(/ may read$/)
    expect(await oauth.token()).not.toBe(before)
    expect(await Promise.all(pages)).toHaveLength(1)
    await again.close()
    await authProvider.close()
  })

  it("never sees the refresh token outside of an authentication", async () => {
    const { oauth } = newOAuth()
    await oauth.authFlow()
    const authProvider = await oauth.provider()
    expect(await authProvider.tokens()).toMatchObject({ access_token: await oauth.token() })
    expect(await authProvider.tokens()).not.toHaveProperty("refresh_token")
    await authProvider.close()
  })
})

it("the steps one by one come to the same end", async () => {
  const { oauth, pages } = newOAuth()
  const { authorizationUrl } = await oauth.begin()
  await oauth.redirectHandler(authorizationUrl)
  const answer = await oauth.callbackHandler()
  expect(answer).toEqual([expect.any(String), expect.any(String), stack.server.issuer])
  const { tokens, issuer } = await oauth.finish(answer)
  expect(issuer).toBe(stack.server.issuer)
  expect(await oauth.token()).toBe(tokens.access_token)
  expect(pages).toHaveLength(1)
})

it("without a browser the address is printed, and the login waits for whoever opens it elsewhere", async () => {
  const printed: Array<string> = []
  const write = process.stderr.write.bind(process.stderr)
  process.stderr.write = (chunk: string | Uint8Array) => printed.push(String(chunk)) > 0
  try {
    const { oauth } = newOAuth({ openBrowser: () => false })
    const login = oauth.authFlow()
    await expect.poll(() => printed.join(""), { interval: 10 }).toContain("/authorize?")
    await fetch(/http\S+/.exec(printed.join(""))![0])
    expect((await login).issuer).toBe(stack.server.issuer)
  } finally {
    process.stderr.write = write
  }
})

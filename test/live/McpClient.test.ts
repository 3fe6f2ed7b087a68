/** The MCP TypeScript SDK's client against a protected MCP server: it finds its way to a token, and keeps it fresh. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import { UnauthorizedError } from "@modelcontextprotocol/sdk/client/auth.js"
import { Client } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest"
import { mcpApp } from "../examples/mcp-server.ts"
import { Application } from "../mcp/Application.ts"
import { startFrontDoor } from "../support/FrontDoor.ts"
import { grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve, type RunningServer } from "./support/ServeProcess.ts"
import { introspect, login, register, revoke, type Client as Credentials } from "./support/Wire.ts"

/** An MCP server, and the grantlog that protects it. */
interface Stack extends AsyncDisposable {
  readonly server: RunningServer
  /** The MCP server's address, and the audience of its tokens. */
  readonly resource: string
  readonly resourceServer: Credentials
  /** What the MCP server was asked for and how it answered. */
  readonly answers: Array<string>
}

const startStack = async (): Promise<Stack> => {
  const folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const mcp = createServer()
  await new Promise<void>((resolve) => mcp.listen(0, "localhost", resolve))
  const resource = `http://localhost:${(mcp.address() as AddressInfo).port}/mcp`
  const server = await serve(file)
  const add = ["client", "add", "--name", "mcp", "--audience", resource, "--store", `sqlite:${file}`]
  const resourceServer = await grantlogJson<Credentials>(add)
  const { client_id: clientId, client_secret: clientSecret } = resourceServer
  const app = mcpApp({ issuer: server.issuer, resource, clientId, clientSecret: clientSecret! })
  const answers: Array<string> = []
  mcp.on("request", (request, response) => {
    response.on("finish", () => answers.push(`${request.method} ${request.url} ${response.statusCode}`))
    app(request, response)
  })
  return {
    server,
    resource,
    resourceServer,
    answers,
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

type Transport = Parameters<Client["connect"]>[0]

/** The same in this process, where the clock of the server goes on when the test says so. */
const startTurnable = async () => {
  const mcp = createServer()
  await new Promise<void>((resolve) => mcp.listen(0, "localhost", resolve))
  onTestFinished(() => {
    mcp.closeAllConnections()
    mcp.close()
  })
  const resource = `http://localhost:${(mcp.address() as AddressInfo).port}/mcp`
  const { native, issuer, clock } = await startFrontDoor({ isAutoApproving: true })
  const added = native.addClient({ metadata: { redirect_uris: [], grant_types: [] }, audience: resource })
  const { client_id: clientId, client_secret: clientSecret } = await Effect.runPromise(added)
  mcp.on("request", mcpApp({ issuer, resource, clientId, clientSecret: clientSecret! }))
  return { issuer, resource, clock }
}

/** Connects, logging in on the way if it must; gives the connected client. */
const connect = async (
  application: Application,
  { issuer, resource } = { issuer: stack.server.issuer, resource: stack.resource },
): Promise<Client> => {
  const client = new Client({ name: "test", version: "1.0.0" })
  const transport = () => new StreamableHTTPClientTransport(new URL(resource), { authProvider: application })
  const first = transport()
  await expect(client.connect(first as Transport)).rejects.toBeInstanceOf(UnauthorizedError)
  const answer = application.response!.searchParams
  expect([answer.get("iss"), answer.get("state")]).toEqual([issuer, "state-of-the-application"])
  await first.finishAuth(answer.get("code")!)
  await client.connect(transport() as Transport)
  return client
}

const whoami = async (client: Client): Promise<string> => {
  const { content } = (await client.callTool({ name: "whoami" })) as {
    readonly content: ReadonlyArray<{ text: string }>
  }
  return content[0]!.text
}

it("the MCP server sends who has no token to its metadata, which names the issuer exactly", async () => {
  const { server, resource } = stack
  const refused = await fetch(resource, { method: "POST" })
  expect(refused.status).toBe(401)
  const challenge = refused.headers.get("www-authenticate")!
  expect(challenge).not.toContain("error")
  const metadata = await fetch(/resource_metadata="([^"]+)"/.exec(challenge)![1]!)
  expect(await metadata.json()).toMatchObject({ resource, authorization_servers: [server.issuer] })
})

it("an MCP client goes from 401 over discovery, registration and approval to a tool's answer", async () => {
  const { server, resource, resourceServer, answers } = stack
  answers.length = 0
  const application = new Application(43_117)
  const client = await connect(application)
  expect(await whoami(client)).toMatch(/^sub_\w{22} may read$/)
  expect(application.registrationCount).toBe(1)
  expect(answers[0]).toBe("POST /mcp 401")
  expect(answers[1]).toBe("GET /.well-known/oauth-protected-resource/mcp 200")
  const { access_token } = application.tokens()!
  expect(await introspect(server.url, resourceServer, access_token)).toMatchObject({
    body: { active: true, aud: resource },
  })
  await client.close()
})

it("an MCP client whose access token was revoked refreshes by itself and goes on", async () => {
  const application = new Application(43_118)
  const client = await connect(application)
  const before = application.tokens()!
  await revoke(stack.server.url, { client_id: application.information!.client_id }, before.access_token)
  application.response = undefined

  expect(await whoami(client)).toMatch(/ may read$/)
  expect(application.response).toBeUndefined()
  expect(application.saved).toHaveLength(2)
  expect(application.tokens()!.refresh_token).not.toBe(before.refresh_token)
  await client.close()
})

it("an MCP client whose access token expired refreshes by itself and goes on", async () => {
  const turnable = await startTurnable()
  const application = new Application(43_121)
  const client = await connect(application, turnable)
  const { refresh_token } = application.tokens()!
  turnable.clock.pass(3599)
  expect(await whoami(client)).toMatch(/ may read$/)
  expect(application.saved).toHaveLength(1)
  turnable.clock.pass(1)
  expect(await whoami(client)).toMatch(/ may read$/)
  expect(application.saved).toHaveLength(2)
  expect(application.tokens()!.refresh_token).not.toBe(refresh_token)
  expect(application.registrationCount).toBe(1)
  await client.close()
})

it("an MCP client whose grant ended logs in again with the registration it has", async () => {
  const application = new Application(43_119)
  const client = await connect(application)
  const credentials = { client_id: application.information!.client_id }
  await revoke(stack.server.url, credentials, application.tokens()!.refresh_token!)
  await client.close()

  const again = await connect(application)
  expect(await whoami(again)).toMatch(/ may read$/)
  expect(application.registrationCount).toBe(1)
  await again.close()
})

it("a registration is good for a redirect to any other loopback port", async () => {
  const first = new Application(43_120)
  await (await connect(first)).close()
  const second = new Application(51_234, first.information)
  const client = await connect(second)
  expect(second.response!.port).toBe("51234")
  expect(second.registrationCount).toBe(0)
  expect(await whoami(client)).toMatch(/ may read$/)
  await client.close()
})

it("a token for another resource is refused by the MCP server, and tells it nothing", async () => {
  const { server, resource, resourceServer } = stack
  const client = await register(server.url)
  const tokens = await login(server.url, client, { resource: "http://localhost:9/other" })
  expect(await introspect(server.url, resourceServer, tokens.access_token)).toMatchObject({ body: { active: false } })
  const authorization = `Bearer ${tokens.access_token}`
  const refused = await fetch(resource, { method: "POST", headers: { authorization } })
  expect(refused.status).toBe(401)
  expect(refused.headers.get("www-authenticate")).toContain('error="invalid_token"')
})

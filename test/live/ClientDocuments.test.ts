/**
 * Clients that a document describes, in the wild: a grantlog process that is told to take them, and the clients of both
 * generations of the MCP SDK and our own, none of which registers.
 */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"
import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from "@modelcontextprotocol/client"
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js"
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js"
import { describe, expect, it, onTestFinished } from "vitest"
import type { BlastRadius, Explained } from "../../src/audit/index.ts"
import { OAuth } from "../../src/client/index.ts"
import { clientIdMetadataDocuments, standardFeatures } from "../../src/provider/index.ts"
import { mcpApp } from "../examples/mcp-server.ts"
import { Application } from "../mcp/Application.ts"
import { documentHost } from "../support/DocumentHost.ts"
import { startFrontDoor } from "../support/FrontDoor.ts"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve } from "./support/ServeProcess.ts"
import { REDIRECT_URI, login, refresh } from "./support/Wire.ts"

describe("grantlog serve --allow-loopback-cimd", () => {
  it("lets a described client in, and the audit finds all that came of one document, and ends it", async () => {
    const host = await documentHost()
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    await using server = await serve(file, "--allow-loopback-cimd")
    const on = ["--store", `sqlite:${file}`]
    const client = { client_id: host.publish({ redirect_uris: [REDIRECT_URI] }) }
    const other = { client_id: host.publish({ redirect_uris: [REDIRECT_URI] }, "/other.json") }
    const [one, two] = [await login(server.url, client), await login(server.url, client)]
    const outside = await login(server.url, other)

    const told = await grantlog(["explain", ...on], { input: `${one.access_token}\n` })
    expect(told.stdout).toContain(client.client_id)
    const digest = /as the document (\S{43}) describes it/.exec(told.stdout)?.[1] ?? "none"
    const found = await grantlogJson<BlastRadius>(["blast-radius", digest, ...on])
    expect(found).toMatchObject({ root: `metadata ${digest}`, counts: { grants: 2, clients: 1 } })
    const listed = await grantlog(["client", "list", ...on])
    expect(listed.stdout).toContain("document")
    const about = await grantlogJson<Explained>(["explain", client.client_id, ...on])
    expect(about.ancestry[0]?.sentence).toContain("described by a document")

    const ended = await grantlog(["blast-radius", digest, "--revoke", "--yes", ...on])
    expect(ended.stdout).toBe("2 grants ended; left: 0\n")
    for (const { refresh_token } of [one, two]) {
      expect((await refresh(server.url, client, refresh_token)).status).toBe(400)
    }
    expect((await refresh(server.url, other, outside.refresh_token)).status).toBe(200)
  })

  it("is for this machine, and what it stands for is off without it", async () => {
    const refused = await grantlog([
      "serve",
      "--store",
      "memory:",
      "--issuer",
      "https://id.example",
      "--allow-loopback-cimd",
    ])
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining("--allow-loopback-cimd is for development"),
    ])
    const supported = async (...flags: ReadonlyArray<string>) => {
      using folder = temporaryFolder()
      await using server = await serve(folder.at("grantlog.db"), ...flags)
      const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`)
      return ((await metadata.json()) as Record<string, unknown>)["client_id_metadata_document_supported"]
    }
    expect(await supported()).toBeUndefined()
    expect(await supported("--cimd")).toBe(true)
  })
})

const DOCUMENT = "https://notes.example/client.json"

/** An MCP server that grantlog protects, and a web where nothing is but the document of one client. */
const startStack = async () => {
  const asked: Array<string> = []
  const web = async (input: string | URL | Request) => {
    asked.push(String(input))
    const document = {
      client_id: DOCUMENT,
      client_name: "Notes",
      redirect_uris: ["http://127.0.0.1/callback", "http://localhost/callback"],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    }
    return Response.json(document, { headers: { "cache-control": "max-age=600" } })
  }
  const features = [...standardFeatures, clientIdMetadataDocuments({ fetch: web })]
  const door = await startFrontDoor({ features, isAutoApproving: true })
  const mcp = createServer()
  await new Promise<void>((resolve) => mcp.listen(0, "localhost", resolve))
  onTestFinished(() => {
    mcp.closeAllConnections()
    mcp.close()
  })
  const resource = `http://localhost:${(mcp.address() as AddressInfo).port}/mcp`
  const added = door.native.addClient({ metadata: { redirect_uris: [], grant_types: [] }, audience: resource })
  const { client_id: clientId, client_secret: clientSecret } = await Effect.runPromise(added)
  mcp.on("request", mcpApp({ issuer: door.issuer, resource, clientId, clientSecret: clientSecret! }))
  const clients = async () =>
    (await Effect.runPromise(door.native.clients())).flatMap((one) => (one._tag === "Registered" ? [one.origin] : []))
  return { ...door, resource, asked, clients }
}

/** An application that is described by a document. */
class Described extends Application {
  readonly clientMetadataUrl = DOCUMENT
}

//= MCP-AUTHZ-as-cimd
describe("a client that nobody here wrote goes by its document, and registers nowhere", () => {
  it.each([
    ["the MCP SDK 1", ClientV1, TransportV1],
    ["the MCP SDK 2", ClientV2, TransportV2],
  ] as const)("%s", async (_, Client, Transport) => {
    const { resource, asked, clients } = await startStack()
    const application = new Described(43_231)
    const connectOnce = async () => {
      const transport = new Transport(new URL(resource), { authProvider: application as never })
      const client = new Client({ name: "test", version: "1.0.0" })
      return { transport, client, connected: client.connect(transport as never) }
    }
    const first = await connectOnce()
    await expect(first.connected).rejects.toThrow()
    const answer = application.response!.searchParams
    await first.transport.finishAuth((first.transport instanceof TransportV2 ? answer : answer.get("code")!) as never)
    const { client, connected } = await connectOnce()
    await connected
    const { content } = (await client.callTool({ name: "whoami" })) as {
      readonly content: ReadonlyArray<{ text: string }>
    }
    expect(content[0]!.text).toMatch(/ may read$/)
    expect(application.information?.client_id).toBe(DOCUMENT)
    expect(new Set(await clients())).toEqual(new Set(["operator", "document"]))
    expect(new Set(asked)).toEqual(new Set([DOCUMENT]))
    await client.close()
  })

  it("our own", async () => {
    const { resource, clients } = await startStack()
    const oauth = OAuth({
      mcpUrl: resource,
      clientMetadataUrl: DOCUMENT,
      callbackTimeout: 120,
      openBrowser: (url) => void fetch(url).then((page) => page.text()),
    })
    const { status } = await oauth.fetch(resource, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
      body: JSON.stringify({
        jsonrpc: "2.0",
        id: 1,
        method: "initialize",
        params: { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "test", version: "1" } },
      }),
    })
    expect(status).toBe(200)
    expect(await clients()).toContain("document")
    expect(await clients()).not.toContain("dynamic")
  })
})

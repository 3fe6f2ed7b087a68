/** Who the client is at a server: given, by document, stored, registered; and to whom each is bound. */
import { expect, test } from "vitest"
import { clientAuthentication, methodOf } from "../../../src/client/tokens/ClientAuthentication.ts"
import { register, type RegistrationRequest } from "../../../src/client/registration/Registration.ts"
import { OAuth, OptionFault } from "../../../src/client/index.ts"
import type { AuthorizationServer } from "../../../src/client/discovery/ServerMetadata.ts"
import { json, makeStack, makeWorld, MCP_URL, memoryStorage } from "../support/World.ts"

const ISSUER = "https://id.example.com"
const DOCUMENT = "https://app.example.com/client.json"
const serverOf = (more: object = {}): AuthorizationServer => ({
  issuer: ISSUER,
  metadata: {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    registration_endpoint: `${ISSUER}/register`,
    ...more,
  },
})

const redirectUri = "http://127.0.0.1:5000/callback"
const ask = (answer: Response, more: Partial<RegistrationRequest> = {}) => {
  const world = makeWorld()
  world.servers.set(ISSUER, () => answer)
  const description = { clientName: "Tester" }
  const request = {
    fetch: world.fetch,
    server: serverOf(),
    description,
    way: { _tag: "Browser" as const, redirectUri },
    scopes: [],
    stored: undefined,
    ...more,
  }
  return { registered: register(request), world }
}

const made = () => json({ client_id: "made" }, 201)
const stored = { client: { client_id: "stored", redirect_uris: ["http://127.0.0.1:1/callback"] }, issuer: ISSUER }

test("what was given comes first, then the document where it is taken, then what is stored, then a registration", async () => {
  const cimd = serverOf({ client_id_metadata_document_supported: true })
  const all = { clientName: "Tester", clientId: "given", clientMetadataUrl: DOCUMENT }
  const some = { clientName: "Tester", clientMetadataUrl: DOCUMENT }
  const sources = [
    ask(made(), { description: all, server: cimd, stored }),
    ask(made(), { description: some, server: cimd, stored }),
    ask(made(), { description: some, stored }),
    ask(made(), { description: some }),
  ]
  const found = await Promise.all(sources.map(({ registered }) => registered))
  expect(found.map(({ source, client }) => [source, client.client_id])).toEqual([
    ["given", "given"],
    ["document", DOCUMENT],
    ["stored", "stored"],
    ["registered", "made"],
  ])
})

//= RFC9207-4-unique-issuers
test("what is stored counts for its own issuer and for the address that it was made for, with any port", async () => {
  const other = { ...stored, issuer: "https://other.example.com" }
  expect((await ask(made(), { stored: other }).registered).source).toBe("registered")
  const elsewhere = { ...stored, client: { client_id: "stored", redirect_uris: ["http://localhost:1/callback"] } }
  expect((await ask(made(), { stored: elsewhere }).registered).source).toBe("registered")
})

test("credentials that were given belong to the issuer that was told, or else to the first that they were used with", async () => {
  const { options } = await makeStack()
  const wrong = OAuth({ ...options, clientId: "x", clientSecret: "secret", clientIssuer: "https://other.example.com" })
  await expect(wrong.fetch(MCP_URL)).rejects.toMatchObject({ code: "issuer_changed" })
  const tokenStorage = memoryStorage()
  await tokenStorage.setClientInfo({ client: { client_id: "x" }, issuer: "https://other.example.com" })
  const moved = OAuth({ ...options, clientId: "x", clientSecret: "secret", tokenStorage })
  await expect(moved.fetch(MCP_URL)).rejects.toMatchObject({ code: "issuer_changed" })
})

test.each([
  [new Response("no", { status: 503 }), "server_unavailable"],
  [json({ error: "invalid_redirect_uri" }, 400), "registration_refused"],
  [json({ name: "x" }, 201), "registration_malformed"],
  [new Response("<html>", { status: 201 }), "registration_malformed"],
  [new Response(null, { status: 307, headers: { location: "https://elsewhere.example" } }), "registration_refused"],
] as const)("a registration that did not work says what to do: %#", async (answer, code) => {
  await expect(ask(answer).registered).rejects.toMatchObject({ code })
})

test("a server that registers nobody says so", async () => {
  const { registration_endpoint: _none, ...metadata } = serverOf().metadata
  const { registered } = ask(made(), { server: { issuer: ISSUER, metadata } })
  await expect(registered).rejects.toMatchObject({ code: "registration_unsupported" })
})

test("members that are null, a missing secret expiry and a 200 are taken", async () => {
  const { registered } = ask(json({ client_id: "made", client_secret: "s", client_uri: null }, 200))
  expect((await registered).client).toEqual({ client_id: "made", client_secret: "s" })
})

test.each([
  [{ client_id: "c" }, undefined, "none"],
  [{ client_id: "c", client_secret: "s" }, undefined, "client_secret_basic"],
  [{ client_id: "c", client_secret: "s" }, ["client_secret_post"], "client_secret_post"],
  [
    { client_id: "c", client_secret: "s", token_endpoint_auth_method: "client_secret_post" },
    undefined,
    "client_secret_post",
  ],
  [
    { client_id: "c", client_secret: "s", token_endpoint_auth_method: "none" },
    ["none", "client_secret_basic"],
    "client_secret_basic",
  ],
] as const)("the client proves itself as its registration and its server say: %#", (client, supported, method) => {
  const more = supported === undefined ? {} : { token_endpoint_auth_methods_supported: supported }
  expect(methodOf(client, serverOf(more))).toBe(method)
})

test("Basic credentials are encoded as forms are, and what needs no encoding is left as it is", () => {
  const server = serverOf()
  const headers = new Headers()
  const client = { client_id: "my-client_1.x~", client_secret: "a b:c+ä" }
  const body = new URLSearchParams()
  void clientAuthentication(client, server, { now: () => 0 })(server.metadata as never, client as never, body, headers)
  expect([...body]).toEqual([["client_id", client.client_id]])
  const credentials = Buffer.from(headers.get("authorization")!.slice(6), "base64").toString()
  expect(credentials).toBe("my-client_1.x~:a+b%3Ac%2B%C3%A4")
})

test.each([
  { mcpUrl: "http://mcp.example.com/mcp" },
  { mcpUrl: "https://user@mcp.example.com/mcp" },
  { mcpUrl: "nonsense" },
  { callbackHost: "0.0.0.0" },
  { callbackHost: "example.com" },
  { callbackHost: "127.0.0.1:80" },
  { callbackPort: 0 },
  { callbackPort: 65_536 },
  { callbackTimeout: 0 },
  { clientSecret: "s" },
  { clientMetadataUrl: "http://app.example.com/client.json" },
  { clientMetadataUrl: "https://app.example.com/" },
  { endpointOrigins: ["http://id.example.com"] },
  { scope: "read" } as object,
])("a mistake in the options is refused before anything is sent: %j", (mistake) => {
  expect(() => OAuth({ mcpUrl: "https://mcp.example.com/mcp", ...mistake })).toThrow(OptionFault)
})

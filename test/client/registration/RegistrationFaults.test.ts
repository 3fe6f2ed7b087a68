/** What a person is told when no client can be had at a server: what the server said, and what to do. */
import { expect, test } from "vitest"
import {
  clientMetadata,
  existing,
  register,
  type LoginWay,
  type RegistrationRequest,
} from "../../../src/client/registration/Registration.ts"
import { DEVICE_CODE_GRANT, type OAuthClientInformationFull } from "../../../src/protocol/index.ts"
import { json, makeWorld } from "../support/World.ts"

const BROWSER: LoginWay = { _tag: "Browser", redirectUri: "http://127.0.0.1:5000/callback" }
const ISSUER = "https://id.example.com"
const server = {
  issuer: ISSUER,
  metadata: {
    issuer: ISSUER,
    authorization_endpoint: `${ISSUER}/authorize`,
    token_endpoint: `${ISSUER}/token`,
    registration_endpoint: `${ISSUER}/register`,
  },
}
const request = (
  more: Partial<RegistrationRequest> = {},
  answer: () => Response | Promise<Response> = () => json({}),
) => {
  const world = makeWorld()
  world.servers.set(ISSUER, answer)
  const description = { clientName: "Tester" }
  return {
    fetch: world.fetch,
    server,
    description,
    way: BROWSER,
    scopes: [],
    stored: undefined,
    ...more,
  }
}

const endpoint = `the registration endpoint of \`${ISSUER}\``

test.each<readonly [string, () => Response | Promise<Response>, string, string]>([
  [
    "nothing",
    () => Promise.reject(new TypeError("fetch failed")),
    "server_unavailable",
    `${endpoint} cannot be reached: try again later`,
  ],
  [
    "500",
    () => new Response(null, { status: 500 }),
    "server_unavailable",
    `${endpoint} answered with 500: try again later`,
  ],
  [
    "599",
    () => json({ error: "down", error_description: "come again" }, 599),
    "server_unavailable",
    `${endpoint} answered with 599 down (come again): try again later`,
  ],
  [
    "429",
    () => new Response(null, { status: 429 }),
    "server_unavailable",
    `${endpoint} answered with 429: try again later`,
  ],
  [
    "499",
    () => new Response(null, { status: 499 }),
    "registration_refused",
    `the server \`${ISSUER}\` refused the registration (499): give \`clientId\``,
  ],
  [
    "202",
    () => json({ client_id: "c" }, 202),
    "registration_refused",
    `the server \`${ISSUER}\` refused the registration (202): give \`clientId\``,
  ],
  [
    "400",
    () => json({ error: "invalid_redirect_uri", error_description: "no loopback" }, 400),
    "registration_refused",
    `the server \`${ISSUER}\` refused the registration (400 invalid_redirect_uri (no loopback)): give \`clientId\``,
  ],
  [
    "a page",
    () => new Response("\n <html>try again</html>", { status: 400 }),
    "registration_refused",
    `the server \`${ISSUER}\` refused the registration (400): give \`clientId\``,
  ],
  [
    "the start of an answer",
    () => new Response(new ReadableStream({ start: (stream) => stream.error(new Error("gone")) }), { status: 201 }),
    "server_unavailable",
    `the answer of ${endpoint} ended in the middle: try again later`,
  ],
  [
    "more than any answer is",
    () => json({ client_id: "c".repeat(600_000) }, 201),
    "registration_malformed",
    `${endpoint} answered without a usable client_id: tell whoever runs the server`,
  ],
  [
    "more than any refusal is",
    () => json({ error: "no", error_description: "c".repeat(600_000) }, 400),
    "registration_refused",
    `the server \`${ISSUER}\` refused the registration (400): give \`clientId\``,
  ],
  [
    "an error in a 200",
    () => json({ error: "no", client_id: "c" }, 200),
    "registration_refused",
    `the server \`${ISSUER}\` refused the registration (200 no): give \`clientId\``,
  ],
  [
    "no id",
    () => json({}, 201),
    "registration_malformed",
    `${endpoint} answered without a usable client_id: tell whoever runs the server`,
  ],
  [
    "a secret that is none",
    () => json({ client_id: "c", client_secret: 5 }, 201),
    "registration_malformed",
    `${endpoint} answered without a usable client_secret: tell whoever runs the server`,
  ],
])("%s in answer is told", async (_, answer, code, message) => {
  await expect(register(request({}, answer))).rejects.toMatchObject({ _tag: "RegistrationError", code, message })
})

test("who gave more metadata may change that, too", async () => {
  const description = { clientName: "Tester", additionalClientMetadata: { logo_uri: "x" } }
  const message = `the server \`${ISSUER}\` refused the registration (400): change \`additionalClientMetadata\` or give \`clientId\``
  const refused = register(request({ description }, () => new Response(null, { status: 400 })))
  await expect(refused).rejects.toMatchObject({ message })
})

test("a server without a registration endpoint is said to have none", async () => {
  const { registration_endpoint: _, ...metadata } = server.metadata
  const message = `the server \`${ISSUER}\` registers nobody by itself: ask its operator for credentials and give \`clientId\``
  await expect(register(request({ server: { issuer: ISSUER, metadata } }))).rejects.toMatchObject({
    code: "registration_unsupported",
    message,
  })
})

const OTHER = "https://other.example.com"
const moved = `the client \`c\` belongs to \`${OTHER}\`, but the resource now sends to \`${ISSUER}\`: if that is right, log out first or give \`clientIssuer\``

test.each<readonly [string, Partial<RegistrationRequest>]>([
  ["as it was told", { description: { clientName: "T", clientId: "c", clientIssuer: OTHER } }],
  [
    "as it was used",
    { description: { clientName: "T", clientId: "c" }, stored: { client: { client_id: "c" }, issuer: OTHER } },
  ],
])("a client that was given is shown to its own issuer alone, %s", (_, more) => {
  expect(() => existing(request(more))).toThrow(expect.objectContaining({ code: "issuer_changed", message: moved }))
})

test("a client that was given is what it is, bound to the first issuer that it is used with", () => {
  const stored = { client: { client_id: "another" }, issuer: OTHER }
  const description = { clientName: "T", clientId: "c" }
  expect(existing(request({ description, stored }))).toStrictEqual({
    client: { client_id: "c" },
    issuer: ISSUER,
    source: "given",
  })
  const told = { ...description, clientSecret: "s", clientIssuer: ISSUER }
  expect(existing(request({ description: told }))).toStrictEqual({
    client: { client_id: "c", client_secret: "s" },
    issuer: ISSUER,
    source: "given",
  })
})

test("a client that is stored is taken for its address with any port, and for any address where it names none", () => {
  const found = (redirect_uris: ReadonlyArray<string> | undefined, redirectUri?: string) => {
    const client = { client_id: "c", ...(redirect_uris === undefined ? {} : { redirect_uris }) }
    const way = redirectUri === undefined ? BROWSER : ({ _tag: "Browser", redirectUri } as const)
    return existing(request({ stored: { client, issuer: ISSUER }, way }))?.source
  }
  expect(found(["http://127.0.0.1:1/callback"])).toBe("stored")
  expect(found(["http://127.0.0.1/callback"])).toBe("stored")
  expect(found(["http://a.example/", "http://127.0.0.1:1/callback"])).toBe("stored")
  expect(found(undefined)).toBe("stored")
  expect(found(["http://127.0.0.1:1/other"])).toBeUndefined()
  expect(found(["http://127.0.0.1:1/callback/5"], "http://127.0.0.1:2/callback/6")).toBeUndefined()
  expect(found([])).toBeUndefined()
})

test("a client that is stored is taken for a device if it was registered for that, and for a browser if it was for more", () => {
  const found = (way: LoginWay, client: Partial<OAuthClientInformationFull>) =>
    existing(request({ stored: { client: { client_id: "c", ...client }, issuer: ISSUER }, way }))?.source
  const device: LoginWay = { _tag: "Device" }
  const both = { grant_types: [DEVICE_CODE_GRANT, "authorization_code"], redirect_uris: ["http://127.0.0.1/callback"] }
  expect(found(device, { grant_types: ["authorization_code"] })).toBeUndefined()
  expect(found(device, { grant_types: [DEVICE_CODE_GRANT] })).toBe("stored")
  expect(found(device, both)).toBe("stored")
  expect(found(device, {})).toBe("stored")
  expect(found(BROWSER, { grant_types: [DEVICE_CODE_GRANT] })).toBeUndefined()
  expect(found(BROWSER, { grant_types: [DEVICE_CODE_GRANT], redirect_uris: [] })).toBeUndefined()
  expect(found(BROWSER, both)).toBe("stored")
  expect(found(BROWSER, { grant_types: both.grant_types })).toBe("stored")
})

test("a client that has no browser registers for devices alone, without an address to come back to", () => {
  const { description } = request()
  expect(clientMetadata({ server: undefined, description, way: { _tag: "Device" }, scopes: [] })).toMatchObject({
    redirect_uris: [],
    response_types: [],
    grant_types: [DEVICE_CODE_GRANT, "refresh_token"],
  })
})

test.each([
  [["none", "client_secret_basic", "client_secret_post"], "none"],
  [["client_secret_post", "client_secret_basic"], "client_secret_basic"],
  [["client_secret_post"], "client_secret_post"],
  [["private_key_jwt"], "none"],
  [undefined, "client_secret_basic"],
])("a client registers as a native one, at a server that takes %j by `%s`", async (takes, method) => {
  let sent: unknown
  const metadata = {
    ...server.metadata,
    ...(takes === undefined ? {} : { token_endpoint_auth_methods_supported: takes }),
  }
  const { fetch, ...rest } = request({ server: { issuer: ISSUER, metadata } }, () => json({ client_id: "c" }, 201))
  await register({
    ...rest,
    fetch: async (input, init) => {
      sent = JSON.parse(String(init?.body))
      return fetch(input, init)
    },
  })
  expect(sent).toEqual({
    client_name: "Tester",
    redirect_uris: ["http://127.0.0.1:5000/callback"],
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    application_type: "native",
    token_endpoint_auth_method: method,
  })
})

test("a client with a metadata document is public, and its id is the document's address", () => {
  const clientMetadataUrl = "https://app.example.com/client.json"
  const metadata = { ...server.metadata, client_id_metadata_document_supported: true }
  const description = { clientName: "T", clientMetadataUrl }
  expect(existing(request({ description, server: { issuer: ISSUER, metadata } }))).toStrictEqual({
    client: { client_id: clientMetadataUrl, token_endpoint_auth_method: "none" },
    issuer: ISSUER,
    source: "document",
  })
})

test("a client that has yet to find its server is a public one", () => {
  const { description, way } = request()
  const metadata = clientMetadata({ server: undefined, description, way, scopes: [] })
  expect(metadata.token_endpoint_auth_method).toBe("none")
})

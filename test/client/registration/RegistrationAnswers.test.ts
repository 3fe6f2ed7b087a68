/** What registration endpoints answer: read strictly in what is used, and not at all in the rest. */
import { expect, test } from "vitest"
import { OAuth } from "../../../src/client/index.ts"
import { register } from "../../../src/client/registration/Registration.ts"
import { json, ISSUER, makeStack, makeWorld, MCP_URL, memoryStorage } from "../support/World.ts"

const answered = async (answer: () => Response) => {
  const world = makeWorld()
  world.servers.set(ISSUER, answer)
  const { client } = await register({
    fetch: world.fetch,
    server: {
      issuer: ISSUER,
      metadata: {
        issuer: ISSUER,
        authorization_endpoint: `${ISSUER}/authorize`,
        token_endpoint: `${ISSUER}/token`,
        registration_endpoint: `${ISSUER}/register`,
      },
    },
    description: { clientName: "Tester" },
    way: { _tag: "Browser", redirectUri: "http://127.0.0.1:5000/callback" },
    scopes: [],
    stored: undefined,
  })
  return client
}

const clientOf = (members: Record<string, unknown>) => answered(() => json({ client_id: "made", ...members }, 201))

const wrong: ReadonlyArray<unknown> = [1, -1, 1.5, "text", "", true, false, [], [1], ["a", null], {}, { a: 1 }]
const texts = [
  ...["application_type", "client_name", "client_uri", "logo_uri", "tos_uri", "policy_uri", "jwks_uri"],
  ...["software_id", "software_version", "registration_client_uri", "registration_access_token"],
]
const lists = ["contacts", "grant_types", "response_types"]
const unknowns = ["default_max_age", "__proto__", "constructor"]

const isList = (value: unknown) => Array.isArray(value) && value.every((one) => typeof one === "string")

test.each([
  ...texts.map((name) => [name, (value: unknown) => typeof value === "string"] as const),
  ...lists.map((name) => [name, isList] as const),
  ["client_id_issued_at", (value: unknown) => typeof value === "number"] as const,
  ...unknowns.map((name) => [name, () => false] as const),
])("`%s` of a wrong type is left out, and of the right one kept", async (name, isRight) => {
  for (const value of wrong) {
    const body = `{"client_id":"made",${JSON.stringify(name)}:${JSON.stringify(value)}}`
    const client = await answered(() => new Response(body, { status: 201 }))
    const kept = isRight(value) ? { [name]: value } : {}
    expect(client).toEqual({ client_id: "made", ...kept })
  }
})

test.each([
  ["client_id_issued_at as text", { client_id_issued_at: "2026-01-01T00:00:00Z" }],
  ["contacts as a string", { contacts: "ops@example.com" }],
  ["client_secret_expires_at: false", { client_secret_expires_at: false }],
  ["grant_types: an empty string", { grant_types: "" }],
  ["all of it wrong", { contacts: 1, grant_types: {}, response_types: "code", client_name: [], jwks_uri: false }],
])("a login goes on where the registration answer has %s", async (_, members) => {
  const { world, options } = await makeStack()
  const honest = world.servers.get(ISSUER)!
  world.servers.set(ISSUER, async (request) => {
    const answer = await honest(request)
    if (!request.url.endsWith("/register")) return answer
    return json({ ...((await answer.json()) as object), ...members }, 201)
  })
  const tokenStorage = memoryStorage()
  expect((await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)).status).toBe(200)
  // What was stored can be read again, by another process.
  expect((await OAuth({ ...options, tokenStorage }).fetch(MCP_URL)).status).toBe(200)
  expect(world.to(ISSUER, "/register")).toHaveLength(1)
})

test.each([
  [["read", "write"], { scope: "read write" }],
  [["read"], { scope: "read" }],
  [[], {}],
  ["", {}],
  [" ", {}],
  [["", " "], {}],
  ["read", { scope: "read" }],
  [["read", 1], {}],
  [{ read: true }, {}],
  [7, {}],
  [false, {}],
])("scope %j is read as %j", async (scope, read) => {
  expect(await clientOf({ scope })).toEqual({ client_id: "made", ...read })
})

test.each([
  [0, { client_secret_expires_at: 0 }],
  [4_102_444_800, { client_secret_expires_at: 4_102_444_800 }],
  ["4102444800", { client_secret_expires_at: 4_102_444_800 }],
  ["0", { client_secret_expires_at: 0 }],
  [-1, {}],
  ["-1", {}],
  [false, {}],
  [true, {}],
  ["", {}],
  [" ", {}],
  ["never", {}],
  [[], {}],
  [[4_102_444_800], {}],
  [{}, {}],
  [null, {}],
])("a secret that expires at %j is read as %j, and kept", async (client_secret_expires_at, read) => {
  const client = await clientOf({ client_secret: "secret", client_secret_expires_at })
  expect(client).toEqual({ client_id: "made", client_secret: "secret", ...read })
  const storage = memoryStorage()
  await storage.setClientInfo({ client, issuer: ISSUER })
  expect(await storage.getClientInfo()).toEqual({ client, issuer: ISSUER })
})

test.each([
  ["a list with something else in it", ["http://127.0.0.1/callback", 1], undefined],
  ["no list", "http://127.0.0.1/callback", undefined],
  ["an empty list", [], undefined],
  ["a list", ["http://127.0.0.1/callback"], ["http://127.0.0.1/callback"]],
])("redirect URIs that are %s are read so that the client can be used again", async (_, redirect_uris, read) => {
  expect((await clientOf({ redirect_uris })).redirect_uris).toEqual(read)
})

test.each([[["none"]], [1], [false], [{}], [null]])("a method %j is as good as not said", async (method) => {
  expect(await clientOf({ token_endpoint_auth_method: method })).toEqual({ client_id: "made" })
})

test.each(["", " ", null])("a secret that is %j is none", async (client_secret) => {
  expect(await clientOf({ client_secret, client_secret_expires_at: 0 })).toEqual({
    client_id: "made",
    client_secret_expires_at: 0,
  })
})

test.each([
  ["client_id", undefined],
  ["client_id", ""],
  ["client_id", " "],
  ["client_id", null],
  ["client_id", 7],
  ["client_id", ["made"]],
  ["client_id", {}],
  ["client_secret", 7],
  ["client_secret", false],
  ["client_secret", ["s"]],
  ["client_secret", {}],
])("what is used is read strictly: `%s` as %j ends the registration and is named", async (name, value) => {
  await expect(clientOf({ [name]: value })).rejects.toMatchObject({
    code: "registration_malformed",
    message: `the registration endpoint of \`${ISSUER}\` answered without a usable ${name}: tell whoever runs the server`,
  })
})

test.each([
  ["[]", 201],
  ["", 201],
  ["<html>", 200],
  ['"made"', 201],
])("a body of %s with %i is no registration", async (body, status) => {
  await expect(answered(() => new Response(body, { status }))).rejects.toMatchObject({ code: "registration_malformed" })
})

const refusing = `the server \`${ISSUER}\` refused the registration`

test.each<readonly [string, Response, string]>([
  ["a 200", json({ error: "invalid_redirect_uri", error_description: "no" }), "(200 invalid_redirect_uri (no))"],
  ["a 201 beside an id", json({ error: "no", client_id: "made" }, 201), "(201 no)"],
  ["a 400", json({ error: "invalid_client_metadata" }, 400), "(400 invalid_client_metadata)"],
  ["an object", json({ error: { code: "no", message: "why" } }, 403), "(403 no (why))"],
  ["a detail", json({ detail: "Registration is off" }, 403), "(403 (Registration is off))"],
  ["a sentence", new Response("not here", { status: 404 }), "(404 (not here))"],
  ["a page", new Response("<html>", { status: 404 }), "(404)"],
  ["what repeats a secret", json({ client_secret: "the-secret", message: "the-secret" }, 400), "(400 (…))"],
])("an error in clothes of %s refuses the registration in the server's words", async (_, answer, said) => {
  await expect(answered(() => answer)).rejects.toMatchObject({
    code: "registration_refused",
    message: `${refusing} ${said}: give \`clientId\``,
  })
})

test.each<readonly [Response, string]>([
  [json({ message: "back at noon" }, 503), "503 (back at noon)"],
  [new Response("", { status: 500 }), "500"],
  [json({ error: "slow_down" }, 429), "429 slow_down"],
])("an outage says so in the server's words: %#", async (answer, said) => {
  await expect(answered(() => answer)).rejects.toMatchObject({
    code: "server_unavailable",
    message: `the registration endpoint of \`${ISSUER}\` answered with ${said}: try again later`,
  })
})

test("a program that gave more metadata is told that it can change it", async () => {
  const { world, options } = await makeStack()
  const honest = world.servers.get(ISSUER)!
  world.servers.set(ISSUER, (request) =>
    request.url.endsWith("/register") ? json({ error: "invalid_client_metadata" }, 400) : honest(request),
  )
  const oauth = OAuth({ ...options, additionalClientMetadata: { software_id: "x" } })
  const message = `${refusing} (400 invalid_client_metadata): change \`additionalClientMetadata\` or give \`clientId\``
  await expect(oauth.authFlow()).rejects.toMatchObject({ code: "registration_refused", message })
})

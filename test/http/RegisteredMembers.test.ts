/** What a registration says, member by member: what nobody depends on is left out, the rest is refused with what would do. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { startSession } from "../support/Session.ts"
import { factories } from "../support/TestServer.ts"
import { REDIRECT_URI, wireClient } from "../support/WireClient.ts"

const minimal = { redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: "none" }
const ways = [factories[0]!, factories[2]!]

const page = (length: number) => "https://app.example/".padEnd(length, "x")

const unfit: ReadonlyArray<readonly [string, unknown]> = [
  ["logo_uri", "/logo.png"],
  ["logo_uri", "logo.png"],
  ["logo_uri", "data:image/png;base64,AAAA"],
  ["logo_uri", ["https://app.example/logo.png"]],
  ["logo_uri", page(2049)],
  ["client_uri", "example.com"],
  ["client_uri", "javascript:alert(1)"],
  ["client_uri", {}],
  ["tos_uri", "ftp://app.example/tos"],
  ["policy_uri", "//app.example/policy"],
  ["policy_uri", "https://app.example/a b"],
  ["application_type", "spa"],
  ["application_type", "service"],
  ["application_type", ["web"]],
  ["client_name", "\u202eevil"],
  ["client_name", "\ud800"],
  ["client_name", "line\nbreak"],
  ["client_name", "a".repeat(257)],
  ["client_name", 7],
  ["client_name", { en: "Notes" }],
  ["software_id", "a".repeat(257)],
  ["software_id", "\u0007"],
  ["software_version", 1.2],
  ["contacts", "alice@app.example"],
  ["contacts", 7],
  ["jwks", "none"],
  ["client_id_issued_at", "yesterday"],
  ["request_uris", false],
]

describe.each(ways)("what nobody depends on, through $name,", (way) => {
  test.each(unfit)("is left out of the answer where it cannot be kept: %s %j", async (member, value) => {
    const wire = wireClient((await way.start()).url)
    const { status, body } = await wire.register({ ...minimal, client_name: "Notes", [member]: value })
    expect(status).toBe(201)
    expect(body).toEqual({
      ...minimal,
      client_id: expect.any(String),
      client_id_issued_at: expect.any(Number),
      grant_types: ["authorization_code"],
      response_types: ["code"],
      ...(member === "client_name" ? {} : { client_name: "Notes" }),
    })
  })

  test("is kept where it can be", async () => {
    const wire = wireClient((await way.start()).url)
    const noted = {
      application_type: "web",
      client_name: "Größe 2 – 語 \u{1f680}",
      client_uri: "http://app.example",
      logo_uri: "https://app.example/logo.png?size=2#x",
      tos_uri: "https://app.example/tos",
      policy_uri: "https://app.example/policy",
      software_id: "notes",
      software_version: "1.0",
    }
    expect((await wire.register({ ...minimal, ...noted })).body).toMatchObject({ ...minimal, ...noted })
  })

  test("makes room for what matters where all of it is more than is kept", async () => {
    const wire = wireClient((await way.start()).url)
    const small = await wire.register({ ...minimal, client_name: "Notes", logo_uri: page(2000), tos_uri: page(1500) })
    expect(small.body).toMatchObject({ client_name: "Notes", logo_uri: page(2000), tos_uri: page(1500) })
    const { status, body } = await wire.register({
      ...minimal,
      client_name: "Notes",
      logo_uri: page(2000),
      tos_uri: page(2048),
    })
    expect(status).toBe(201)
    expect(body).toMatchObject({ ...minimal, client_name: "Notes", logo_uri: page(2000) })
    expect(body).not.toHaveProperty("tos_uri")
  })
})

const remedy = "use https, http on localhost, 127.0.0.1 or [::1], or a scheme of the app's own with a dot in its name"
const many = (count: number) => Array.from({ length: count }, (_, index) => `https://app.example/${index}`)
const long = Array.from({ length: 30 }, (_, index) => `https://app.example/${index}/${"x".repeat(200)}`)
const confidential = { ...minimal, token_endpoint_auth_method: "client_secret_basic" }

const refused: ReadonlyArray<readonly [what: string, error: string, metadata: unknown, sentence: string]> = [
  ["a list", "invalid_client_metadata", [], "the client metadata is `[]`: send a JSON object"],
  ["text", "invalid_client_metadata", "x", "the client metadata is `x`: send a JSON object"],
  ["nothing", "invalid_client_metadata", null, "the client metadata is `null`: send a JSON object"],
  [
    "a URI that is not in a list",
    "invalid_client_metadata",
    { ...minimal, redirect_uris: REDIRECT_URI },
    `redirect_uris is \`${REDIRECT_URI}\`: send a list of strings`,
  ],
  [
    "a list of numbers",
    "invalid_client_metadata",
    { ...minimal, redirect_uris: [1] },
    "redirect_uris is `[ 1 ]`: send a list of strings",
  ],
  [
    "too many redirect URIs",
    "invalid_redirect_uri",
    { ...minimal, redirect_uris: many(33) },
    "redirect_uris has 33 entries: register at most 32",
  ],
  [
    "text that is no URI",
    "invalid_redirect_uri",
    { ...minimal, redirect_uris: [REDIRECT_URI, "https://app.example/a b"] },
    `\`https://app.example/a b\` is no redirect URI: ${remedy}`,
  ],
  [
    "a URI that anybody can read",
    "invalid_redirect_uri",
    { ...minimal, redirect_uris: ["http://app.example/"] },
    `a redirect URI cannot be registered: \`http://app.example/\` uses http off loopback; ${remedy}`,
  ],
  [
    "too much of what matters",
    "invalid_client_metadata",
    { ...minimal, redirect_uris: long },
    "the client metadata is larger than 4096 bytes: it has 6888; register fewer or shorter redirect URIs and scopes",
  ],
  [
    "a method that is not here",
    "invalid_client_metadata",
    { ...minimal, token_endpoint_auth_method: "private_key_jwt" },
    "token_endpoint_auth_method is `private_key_jwt`: use none, client_secret_basic or client_secret_post",
  ],
  [
    "a list of methods",
    "invalid_client_metadata",
    { ...minimal, token_endpoint_auth_method: ["none"] },
    "token_endpoint_auth_method is `[ 'none' ]`: use none, client_secret_basic or client_secret_post",
  ],
  [
    "grant types that are no list",
    "invalid_client_metadata",
    { ...minimal, grant_types: "authorization_code" },
    "grant_types is `authorization_code`: send a list of strings",
  ],
  [
    "grant types that are not here",
    "invalid_client_metadata",
    { ...minimal, grant_types: ["implicit", "password"] },
    "grant_types is `[ 'implicit', 'password' ]`: use some of authorization_code, refresh_token",
  ],
  [
    "a grant type that is not for who registers itself",
    "invalid_client_metadata",
    { ...confidential, grant_types: ["client_credentials"] },
    "grant_types is `[ 'client_credentials' ]`: a client that registers itself can use some of authorization_code, refresh_token; for another grant type, ask the operator to add it",
  ],
  [
    "response types that are not here",
    "invalid_client_metadata",
    { ...minimal, response_types: ["token", "id_token"] },
    "response_types is `[ 'token', 'id_token' ]`: use `code`",
  ],
  [
    "response types that are no list",
    "invalid_client_metadata",
    { ...minimal, response_types: 7 },
    "response_types is `7`: send a list of strings",
  ],
  [
    "a list of scopes",
    "invalid_client_metadata",
    { ...minimal, scope: ["read", "write"] },
    "scope is `[ 'read', 'write' ]`: send at most 64 scope tokens in one text, separated by spaces",
  ],
  [
    "a scope that is no token",
    "invalid_client_metadata",
    { ...minimal, scope: 'a"b' },
    "scope is `a'b`: send at most 64 scope tokens in one text, separated by spaces",
  ],
  [
    "a scope of spaces",
    "invalid_client_metadata",
    { ...minimal, scope: " " },
    "scope is ` `: send at most 64 scope tokens in one text, separated by spaces",
  ],
  [
    "too many scopes, shown in part",
    "invalid_client_metadata",
    { ...minimal, scope: many(65).join(" ") },
    `scope is \`${many(65).join(" ").slice(0, 200)}\`: send at most 64 scope tokens in one text, separated by spaces`,
  ],
]

describe.each(ways)("what the client could not work without, through $name,", (way) => {
  test.each(refused)("is refused with what was sent and what would do: %s", async (_, error, metadata, sentence) => {
    const wire = wireClient((await way.start()).url)
    const { status, body } = await wire.register(metadata)
    expect([status, body]).toEqual([400, { error, error_description: sentence }])
  })

  test.each([
    ["the code grant and no response type", { response_types: [] }],
    ["the code among others", { response_types: ["id_token", "code"] }],
    ["nothing", {}],
  ])("response_types follows from grant_types: %s", async (_, said) => {
    const wire = wireClient((await way.start()).url)
    expect((await wire.register({ ...minimal, ...said })).body["response_types"]).toEqual(["code"])
  })
})

test("a client that the operator adds for itself has no response type, whatever is said", async () => {
  const { native } = await startSession()
  for (const response_types of [undefined, [], ["code"], ["token"]]) {
    const metadata = { redirect_uris: [], grant_types: ["client_credentials"], response_types }
    const added = await Effect.runPromise(native.addClient({ metadata }))
    expect(added.response_types).toEqual([])
  }
})

test("what a program brings and no JSON has is refused in a sentence too", async () => {
  const { native } = await startSession()
  const circle: Record<string, unknown> = {}
  circle["self"] = circle
  for (const scope of [1n, Symbol("scope"), () => "scope", circle, new Date(0)]) {
    const added = Effect.result(native.addClient({ metadata: { ...minimal, scope } }))
    expect(await Effect.runPromise(added)).toMatchObject({ failure: { error: "invalid_client_metadata" } })
  }
  const nothing = await Effect.runPromise(Effect.result(native.addClient({ metadata: undefined })))
  expect(nothing).toMatchObject({
    failure: { description: "the client metadata is `undefined`: send a JSON object" },
  })
})

test("no refusal of a registration has a regular expression in it", async () => {
  const { wire } = await startSession()
  const values = ["", " ", "x", "\ud800", "a".repeat(3000), 0, 1.5, true, false, [], [[]], ["x"], [null], {}, { a: 1 }]
  const members = ["redirect_uris", "token_endpoint_auth_method", "grant_types", "response_types", "scope"]
  for (const [member] of [...members.map((one) => [one] as const), ...unfit]) {
    for (const value of values) {
      const { status, body } = await wire.register({ ...minimal, [member]: value })
      expect([201, 400]).toContain(status)
      if (status === 400) expect(body.error_description).not.toMatch(/RegExp|\^|\\|expected/i)
    }
  }
})

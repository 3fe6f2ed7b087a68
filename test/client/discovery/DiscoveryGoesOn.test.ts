/**
 * Each place where metadata may lie, with each thing that can be wrong there: the search goes on to the next place, and
 * an outage leads to no other authorization server.
 */
import { describe, expect, test } from "vitest"
import { discover, type Discovered, type DiscoveryRequest } from "../../../src/client/discovery/Discovery.ts"
import { DiscoveryError, OAuth } from "../../../src/client/index.ts"
import { checkedOptions } from "../../../src/client/Options.ts"
import { lookUp } from "../../../src/client/discovery/WellKnownLookup.ts"
import { json, makeWorld, type Server } from "../support/World.ts"

const HOST = "https://mcp.example.com"
const MCP = `${HOST}/a/mcp`
const ID = "https://id.example.com"
const ISSUER = `${ID}/tenant`
const OTHER = "https://other.example.com"

const metadataOf = (issuer: string, more: object = {}) => ({
  issuer,
  authorization_endpoint: `${new URL(issuer).origin}/authorize`,
  token_endpoint: `${new URL(issuer).origin}/token`,
  code_challenge_methods_supported: ["S256"],
  ...more,
})

const resource = { resource: MCP, authorization_servers: [ISSUER] }
const announced = `${HOST}/metadata`
const inserted = `${HOST}/.well-known/oauth-protected-resource/a/mcp`
const root = `${HOST}/.well-known/oauth-protected-resource`
const resourcePlaces = [announced, inserted, root]
const serverPlaces = [
  `${ID}/.well-known/oauth-authorization-server/tenant`,
  `${ID}/.well-known/openid-configuration/tenant`,
  `${ISSUER}/.well-known/openid-configuration`,
]
const atOrigin = `${HOST}/.well-known/oauth-authorization-server`
const olderPlaces = [
  atOrigin,
  `${HOST}/.well-known/openid-configuration`,
  `${HOST}/.well-known/oauth-authorization-server/a/mcp`,
  `${HOST}/.well-known/openid-configuration/a/mcp`,
  `${MCP}/.well-known/openid-configuration`,
]

type Answer = (request: Request) => Response | Promise<Response>
type Answers = Readonly<Record<string, Answer>>

const saying =
  (value: unknown): Answer =>
  () =>
    json(value)
const status =
  (code: number): Answer =>
  () =>
    new Response(code === 204 || code === 304 ? null : "nothing here", { status: code })
const text =
  (body: string): Answer =>
  () =>
    new Response(body)
const unreachable: Answer = () => Promise.reject(new TypeError("fetch failed"))
const cutOff: Answer = () =>
  new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) }))
const leading =
  (to: string): Answer =>
  () =>
    new Response(null, { status: 302, headers: { location: to } })

/** A place that leads to itself. */
const elsewhere: Answers = { [`${HOST}/round`]: leading(`${HOST}/round`) }

const worldOf = (answers: Answers) => {
  const world = makeWorld()
  const server: Server = (request) => (answers[request.url] ?? elsewhere[request.url] ?? status(404))(request)
  for (const origin of [HOST, ID, OTHER]) world.servers.set(origin, server)
  return world
}

const find = async (answers: Answers, more: Partial<DiscoveryRequest> = {}) => {
  const world = worldOf(answers)
  const { outbound } = checkedOptions({ mcpUrl: more.mcpUrl ?? MCP, fetch: world.fetch })
  const request = { fetch: outbound.fetch, mcpUrl: MCP, resourceMetadata: announced, endpointOrigins: [], ...more }
  const outcome = await discover(request).catch((error: unknown) => error)
  const asked = world.sent.map(({ origin, path }) => origin + path)
  return { outcome, asked, world }
}

/** What may be wrong at any place, the code of it, and what is said of the place. */
const faults: ReadonlyArray<readonly [string, Answer, string, string]> = [
  ...[400, 401, 403, 405, 418].map(
    (code) => [`${code}`, status(code), "metadata_not_found", `answered with ${code}`] as const,
  ),
  ...[408, 425, 429, 500, 502, 503, 504].map(
    (code) => [`${code}`, status(code), "server_unavailable", `answered with ${code}`] as const,
  ),
  ["204", status(204), "metadata_not_found", "answered with 204"],
  ["304", status(304), "metadata_not_found", "answered with 304"],
  ["a page", text("<!doctype html>"), "metadata_not_found", "is no object in JSON"],
  ["an empty body", text(""), "metadata_not_found", "is no object in JSON"],
  ["half an object", text('{"issuer":'), "metadata_not_found", "is no object in JSON"],
  ["a list", text("[]"), "metadata_not_found", "is no object in JSON"],
  ["a text", text('"metadata"'), "metadata_not_found", "is no object in JSON"],
  ["null", text("null"), "metadata_not_found", "is no object in JSON"],
  ["too much", text(`{"a":"${"a".repeat(600_000)}"}`), "metadata_not_found", "is no object in JSON"],
  ["no network", unreachable, "server_unavailable", "cannot be reached"],
  ["half an answer", cutOff, "server_unavailable", "ended in the middle"],
  ["a way off TLS", leading("http://mcp.example.com/"), "metadata_not_found", "leads to where nothing is looked for"],
  ["a way for ever", leading(`${HOST}/round`), "metadata_not_found", "leads to where nothing is looked for"],
]

const ofResource: typeof faults = [
  ...faults,
  ["an object that is none", saying({ error: "no" }), "metadata_malformed", "names no resource"],
  ["an empty object", saying({}), "metadata_malformed", "names no resource"],
  ["a resource that is a number", saying({ ...resource, resource: 7 }), "metadata_malformed", "names no resource"],
  ["a resource that is null", saying({ ...resource, resource: null }), "metadata_malformed", "names no resource"],
  [
    "a resource with a slash more",
    saying({ ...resource, resource: `${MCP}/` }),
    "resource_mismatch",
    `is of the resource \`${MCP}/\`, not of \`${MCP}\`: call it by that address`,
  ],
  [
    "another resource",
    saying({ ...resource, resource: `${HOST}/b` }),
    "resource_mismatch",
    `is of the resource \`${HOST}/b\`, not of \`${MCP}\``,
  ],
  ...[ISSUER, 7, [7], [ISSUER, null], {}, true].map(
    (servers) =>
      [
        `servers that are ${JSON.stringify(servers)}`,
        saying({ ...resource, authorization_servers: servers }),
        "metadata_malformed",
        "has authorization_servers that are no list of texts",
      ] as const,
  ),
  [
    "servers without TLS alone",
    saying({ ...resource, authorization_servers: ["http://id.example.com", "nonsense"] }),
    "endpoint_insecure",
    "names no issuer at an address with TLS, but `http://id.example.com`",
  ],
]

const has = (name: string, value: string) => `has the ${name} \`${value}\``
const ofServer: typeof faults = [
  ...faults,
  ["an object that is none", saying({ error: "no" }), "issuer_mismatch", "is of no issuer"],
  ["an issuer that is a number", saying(metadataOf(ISSUER, { issuer: 7 })), "issuer_mismatch", "is of no issuer"],
  [
    "another issuer",
    saying({ ...metadataOf(ISSUER), issuer: OTHER }),
    "issuer_mismatch",
    `is of the issuer \`${OTHER}\`, not of \`${ISSUER}\``,
  ],
  [
    "its issuer with a slash more",
    saying({ ...metadataOf(ISSUER), issuer: `${ISSUER}/` }),
    "issuer_mismatch",
    `is of the issuer \`${ISSUER}/\`, not of \`${ISSUER}\``,
  ],
  ...["authorization_endpoint", "token_endpoint"].flatMap((name) => [
    [`no ${name}`, saying(metadataOf(ISSUER, { [name]: null })), "metadata_malformed", `has no ${name}`] as const,
    [`a ${name} of 7`, saying(metadataOf(ISSUER, { [name]: 7 })), "metadata_malformed", `has no ${name}`] as const,
    [
      `a ${name} that is none`,
      saying(metadataOf(ISSUER, { [name]: "/token" })),
      "metadata_malformed",
      `${has(name, "/token")}, which is no address`,
    ] as const,
    [
      `a ${name} with a fragment`,
      saying(metadataOf(ISSUER, { [name]: `${ID}/#` })),
      "metadata_malformed",
      `${has(name, `${ID}/#`)}, which is no address`,
    ] as const,
    [
      `a ${name} without TLS`,
      saying(metadataOf(ISSUER, { [name]: "http://id.example.com/x" })),
      "endpoint_insecure",
      `${has(name, "http://id.example.com/x")}, which is neither TLS nor loopback, so that nothing is sent there`,
    ] as const,
    [
      `a ${name} elsewhere`,
      saying(metadataOf(ISSUER, { [name]: `${OTHER}/x` })),
      "endpoint_foreign",
      `${has(name, `${OTHER}/x`)}, which is not at its issuer's origin: if it belongs there, add \`${OTHER}\` to \`endpointOrigins\``,
    ] as const,
  ]),
  ...[null, [], ["plain"], "S256", 7].map(
    (methods) =>
      [
        `methods of ${JSON.stringify(methods)}`,
        saying(metadataOf(ISSUER, { code_challenge_methods_supported: methods })),
        "pkce_unsupported",
        "does not say that PKCE with S256 is supported, and nothing else is safe",
      ] as const,
  ),
]

const namely = (places: ReadonlyArray<string>, wrong: number, what: string) =>
  places.map((place, index) => `\`${place}\` ${index === wrong ? what : "answered with 404"}`).join("; ")

const adviceOn = (code: string) => (code === "server_unavailable" ? "try again later" : "ask whoever runs the server")

describe.each([0, 1, 2])("resource metadata at place %i", (wrong) => {
  const place = resourcePlaces[wrong]!
  const next = resourcePlaces[wrong + 1]

  test.each(ofResource)("%s there leads on to the next place", async (_, answer) => {
    if (next === undefined) return expect(wrong).toBe(2)
    const good = next === root ? { ...resource, resource: HOST } : resource
    const answers = { [place]: answer, [next]: saying(good), [serverPlaces[0]!]: saying(metadataOf(ISSUER)) }
    const { outcome, asked } = await find(answers)
    expect(outcome).toMatchObject({ server: { issuer: ISSUER }, resource: good.resource, isFromResource: true })
    const expected = [...resourcePlaces.slice(0, wrong + 2), serverPlaces[0]]
    expect([...new Set(asked)].filter((one) => one === place || expected.includes(one))).toEqual(expected)
  })

  test.each(ofResource)(
    "%s there and nothing elsewhere ends with each place named, and with no request more",
    async (_, answer, code, what) => {
      const { outcome, asked } = await find({ [place]: answer })
      expect(outcome).toBeInstanceOf(DiscoveryError)
      // A page or a no is no outage: the older places are looked at, but nothing is made up.
      const isBare = code === "metadata_not_found"
      const places = isBare ? [...resourcePlaces, ...olderPlaces] : resourcePlaces
      expect(outcome).toMatchObject({
        code,
        message: `the resource \`${MCP}\` has no usable metadata: ${namely(places, wrong, what)}: ${adviceOn(code)}`,
      })
      expect(asked.filter((url) => !(url in elsewhere))).toEqual(places)
    },
  )

  test.each(ofResource)("%s there sends nobody from the issuer of a login to another one", async (_, answer, code) => {
    const atRoot = { ...resource, resource: HOST, authorization_servers: [OTHER] }
    const answers = {
      [place]: answer,
      ...(wrong === 2 ? {} : { [root]: saying(atRoot) }),
      [atOrigin]: saying(metadataOf(HOST)),
      [`${OTHER}/.well-known/oauth-authorization-server`]: saying(metadataOf(OTHER)),
    }
    const { outcome, asked } = await find(answers, { preferredIssuer: ISSUER })
    expect(outcome).toMatchObject({ code })
    expect(asked.filter((url) => url.startsWith(OTHER))).toEqual([])
    // Whoever never logged in there is led on, and so is who logged in at the one that is left.
    if (wrong === 2) return
    expect((await find(answers)).outcome).toMatchObject({ server: { issuer: OTHER } })
    expect((await find(answers, { preferredIssuer: OTHER })).outcome).toMatchObject({ server: { issuer: OTHER } })
  })
})

describe.each([0, 1, 2])("server metadata at place %i", (wrong) => {
  const place = serverPlaces[wrong]!
  const next = serverPlaces[wrong + 1]

  test.each(ofServer)("%s there leads on to the next place", async (_, answer) => {
    if (next === undefined) return expect(wrong).toBe(2)
    const answers = { [announced]: saying(resource), [place]: answer, [next]: saying(metadataOf(ISSUER)) }
    const { outcome, asked } = await find(answers)
    expect(outcome).toMatchObject({ server: { issuer: ISSUER, metadata: { token_endpoint: `${ID}/token` } } })
    const expected = [announced, ...serverPlaces.slice(0, wrong + 2)]
    expect([...new Set(asked)].filter((one) => expected.includes(one))).toEqual(expected)
  })

  test.each(ofServer)("%s there and nothing elsewhere ends with each place named", async (_, answer, code, what) => {
    const { outcome } = await find({
      [announced]: saying({ ...resource, authorization_servers: [ISSUER, OTHER] }),
      [place]: answer,
      [`${OTHER}/.well-known/oauth-authorization-server`]: saying(metadataOf(OTHER)),
      [atOrigin]: saying(metadataOf(HOST)),
    })
    expect(outcome).toMatchObject({
      code,
      message: `the issuer \`${ISSUER}\` has no usable metadata: ${namely(serverPlaces, wrong, what)}: ${adviceOn(code)}`,
    })
  })
})

describe.each([0, 1, 2, 3, 4])("the older way at place %i", (wrong) => {
  const place = olderPlaces[wrong]!
  const next = olderPlaces[wrong + 1]

  test.each(faults)(
    "%s there leads on to the next place, and never to made-up endpoints",
    async (_, answer, code, what) => {
      const { outcome } = await find({ [place]: answer })
      const places = [...resourcePlaces, ...olderPlaces]
      expect(outcome).toMatchObject({
        code,
        message: `the resource \`${MCP}\` has no usable metadata: ${namely(places, wrong + 3, what)}: ${adviceOn(code)}`,
      })
      if (next === undefined) return
      const answers = { [place]: answer, [next]: saying(metadataOf(`${HOST}/b`)) }
      expect((await find(answers)).outcome).toMatchObject({ server: { issuer: `${HOST}/b` }, isFromResource: false })
      const loggedIn = await find(answers, { preferredIssuer: HOST })
      expect(loggedIn.outcome).toMatchObject({ code })
    },
  )
})

test.each([404, 410])(
  "after %i everywhere the endpoints have fixed paths, also for who logged in elsewhere",
  async (code) => {
    const answers = Object.fromEntries([...resourcePlaces, ...olderPlaces].map((place) => [place, status(code)]))
    for (const more of [{}, { preferredIssuer: ISSUER }]) {
      const { outcome, asked } = await find(answers, more)
      expect(outcome).toMatchObject({
        isFromResource: false,
        server: {
          issuer: HOST,
          metadata: { token_endpoint: `${HOST}/token`, registration_endpoint: `${HOST}/register` },
        },
      })
      expect(asked).toEqual([...resourcePlaces, ...olderPlaces])
    }
  },
)

test("a resource that names no server is its own, and what an older place says that is no metadata is passed over", async () => {
  for (const authorization_servers of [[], null, undefined]) {
    const bare = saying({ resource: MCP, authorization_servers })
    const answers = {
      [announced]: bare,
      [atOrigin]: saying({ error: "no" }),
      [olderPlaces[1]!]: saying(metadataOf(HOST)),
    }
    expect((await find(answers)).outcome).toMatchObject({ server: { issuer: HOST }, isFromResource: false })
    expect((await find({ ...answers, [announced]: status(502), [inserted]: bare })).outcome).toMatchObject({
      code: "server_unavailable",
    })
  }
})

test("the cause of what could not be reached stays with the error, and a fault of our own is none of a place", async () => {
  const { outcome } = await find({ [inserted]: unreachable })
  expect(outcome).toHaveProperty("cause", new TypeError("fetch failed"))
  expect((await find({ [inserted]: status(502) })).outcome).not.toHaveProperty("cause")
  const world = worldOf({ [announced]: saying(resource) })
  const reading = lookUp(world.fetch, [announced], () => {
    throw new RangeError("ours")
  })
  await expect(reading).rejects.toBeInstanceOf(RangeError)
})

test("the switch that is not made is told with both issuers, and with the way out", async () => {
  const { outcome } = await find(
    {
      [inserted]: status(502),
      [root]: saying({ ...resource, resource: HOST, authorization_servers: [OTHER] }),
    },
    { preferredIssuer: ISSUER },
  )
  const places = `\`${announced}\` answered with 404; \`${inserted}\` answered with 502`
  expect(outcome).toMatchObject({
    code: "server_unavailable",
    message: `the login is of \`${ISSUER}\`, and what can be read of the metadata leads to \`${OTHER}\`: ${places}: try again later, or log out if the resource has moved`,
  })
})

test("of the issuers that a resource lists, the first that can be asked is taken, and the one of the login before it", async () => {
  const listed = ["nonsense", "http://id.example.com", ISSUER, OTHER]
  const answers = {
    [announced]: saying({ ...resource, authorization_servers: listed }),
    [serverPlaces[0]!]: saying(metadataOf(ISSUER)),
    [`${OTHER}/.well-known/oauth-authorization-server`]: saying(metadataOf(OTHER)),
  }
  expect((await find(answers)).outcome).toMatchObject({ server: { issuer: ISSUER }, issuers: listed })
  expect((await find(answers, { preferredIssuer: OTHER })).outcome).toMatchObject({ server: { issuer: OTHER } })
  expect((await find(answers, { preferredIssuer: "nonsense" })).outcome).toMatchObject({ server: { issuer: ISSUER } })
})

test.each([
  [`"${announced}"`, announced],
  [`'${announced}'`, announced],
  [`<${announced}>`, announced],
  [`\\"${announced}\\"`, announced],
  [`"'${announced}'"`, announced],
  [`"${announced}`, announced],
  [` ${announced} `, announced],
  [`${announced};`, announced],
  ["/metadata", announced],
  ["//mcp.example.com/metadata", announced],
  ["'/metadata'", announced],
  ["metadata", `${HOST}/a/metadata`],
  ["../metadata", announced],
  ["/.well-known/oauth-protected-resource/a/mcp", inserted],
])("resource_metadata written as %s is looked for at %s", async (resourceMetadata, place) => {
  const answers = { [place]: saying(resource), [serverPlaces[0]!]: saying(metadataOf(ISSUER)) }
  const { outcome, asked } = await find(answers, { resourceMetadata })
  expect(outcome).toMatchObject({ server: { issuer: ISSUER }, isFromResource: true })
  expect(asked[0]).toBe(place)
})

test.each([
  [
    "http://mcp.example.com/metadata",
    "endpoint_insecure",
    "is neither TLS nor loopback, so that nothing is asked there",
  ],
  [
    "https://user:password@mcp.example.com/x",
    "endpoint_insecure",
    "is neither TLS nor loopback, so that nothing is asked there",
  ],
  ["ftp://mcp.example.com/x", "endpoint_insecure", "is neither TLS nor loopback, so that nothing is asked there"],
  ["javascript:alert(1)", "endpoint_insecure", "is neither TLS nor loopback, so that nothing is asked there"],
  ["https://", "endpoint_insecure", "is neither TLS nor loopback, so that nothing is asked there"],
  ["https://127.0.0.1/x", "endpoint_insecure", "was not asked: `https://127.0.0.1` is an address of this machine"],
  ["//10.0.0.7/x", "endpoint_insecure", "was not asked: `https://10.0.0.7` is an address of this machine"],
])("resource_metadata that is %s is not asked, and the search goes on", async (resourceMetadata, code, what) => {
  const answers = { [inserted]: saying(resource), [serverPlaces[0]!]: saying(metadataOf(ISSUER)) }
  const { outcome, asked } = await find(answers, { resourceMetadata })
  expect(outcome).toMatchObject({ server: { issuer: ISSUER } })
  expect(asked).toEqual([inserted, serverPlaces[0]])
  const alone = await find({}, { resourceMetadata })
  expect(alone.outcome).toMatchObject({ code, message: expect.stringContaining(what) })
  expect((alone.outcome as Error).message).not.toContain("password")
  expect(alone.asked).toEqual([inserted, root])
})

test.each(["", " ", "''", '""'])("resource_metadata that is `%s` is as good as none", async (resourceMetadata) => {
  expect((await find({}, { resourceMetadata })).asked).toEqual([inserted, root, ...olderPlaces])
})

const tooLate = () => new DOMException("too late", "TimeoutError")
test.each<readonly [string, Answer]>([
  ["at all", () => Promise.reject(tooLate())],
  ["to its end", () => new Response(new ReadableStream({ pull: (controller) => controller.error(tooLate()) }))],
])("a host that does not answer in time, %s, is not waited for again", async (_, late) => {
  const { outcome, asked } = await find({ [announced]: late, [inserted]: saying(resource), [root]: saying(resource) })
  expect(asked).toEqual([announced])
  const rest = [inserted, root].map((place) => `\`${place}\` was not asked, for the host did not answer in time`)
  expect(outcome).toMatchObject({
    code: "server_unavailable",
    message: `the resource \`${MCP}\` has no usable metadata: ${[`\`${announced}\` did not answer in time`, ...rest].join("; ")}: try again later`,
  })
  const elsewhere = await find(
    { [`${OTHER}/metadata`]: late, [inserted]: saying(resource), [serverPlaces[0]!]: saying(metadataOf(ISSUER)) },
    { resourceMetadata: `${OTHER}/metadata` },
  )
  expect(elsewhere.outcome).toMatchObject({ server: { issuer: ISSUER } })
})

test("what is told of a place is short, on one line, and has nothing in it of a query", async () => {
  const mcpUrl = `${HOST}/a/mcp?key=the-key-of-the-user`
  const long = `https://mcp.example.com/\u0007\n${"x".repeat(5000)}`
  const { outcome } = await find(
    { [root]: saying({ resource: long }) },
    { mcpUrl, resourceMetadata: `${HOST}/${"p".repeat(5000)}` },
  )
  const { message } = outcome as Error
  expect(message).not.toContain("the-key-of-the-user")
  expect(message).toContain("`https://mcp.example.com/a/mcp?…`")
  expect(message.length).toBeLessThan(1500)
  expect(message).toMatch(/^\P{C}+$/u)
})

describe("endpoints that are not used", () => {
  const endpoints = ["registration_endpoint", "revocation_endpoint"]
  test.each(
    endpoints.flatMap((name) => [`${OTHER}/x`, "http://id.example.com/x", "nonsense", ""].map((url) => [name, url])),
  )("%s at `%s` does not end the search, and nothing is sent there", async (name, url) => {
    const answers = {
      [announced]: saying(resource),
      [serverPlaces[0]!]: saying(metadataOf(ISSUER, { [name!]: url })),
    }
    const { outcome } = await find(answers)
    expect(outcome).toMatchObject({ server: { issuer: ISSUER } })
    expect(outcome).not.toHaveProperty(["server", "metadata", name!])
  })

  const login = (more: object, options: object) => {
    const world = worldOf({
      [MCP]: () => new Response(null, { status: 401 }),
      [inserted]: saying(resource),
      [serverPlaces[0]!]: saying(metadataOf(ISSUER, more)),
      [`${ID}/token`]: saying({ access_token: "access-1", token_type: "Bearer", refresh_token: "refresh-1" }),
      [`${OTHER}/register`]: () => json({ client_id: "made" }, 201),
      [`${OTHER}/revoke`]: saying({}),
    })
    const openBrowser = (url: string) => {
      const { searchParams } = new URL(url)
      const answer = new URLSearchParams({ code: "c", state: searchParams.get("state")! })
      void fetch(`${searchParams.get("redirect_uri")!}?${answer}`)
    }
    return { world, oauth: OAuth({ mcpUrl: MCP, fetch: world.fetch, openBrowser, ...options }) }
  }

  test.each([
    [
      `${OTHER}/register`,
      "endpoint_foreign",
      `which is not at its issuer's origin: if it belongs there, add \`${OTHER}\` to \`endpointOrigins\``,
    ],
    [
      "http://id.example.com/register",
      "endpoint_insecure",
      "which is neither TLS nor loopback, so that nothing is sent there",
    ],
    ["nonsense", "metadata_malformed", "which is no address"],
  ])(
    "registration at `%s` ends a login that has to register, and no other",
    async (registration_endpoint, code, what) => {
      const { world, oauth } = login({ registration_endpoint }, {})
      const fault = {
        code,
        message: `the issuer \`${ISSUER}\` has the registration_endpoint \`${registration_endpoint}\`, ${what}`,
      }
      await expect(oauth.authFlow()).rejects.toMatchObject(fault)
      await expect(oauth.begin()).rejects.toMatchObject(fault)
      const provider = await oauth.provider()
      await expect(provider.clientInformation()).rejects.toMatchObject(fault)
      await provider.close()
      expect(world.sent.filter(({ method }) => method === "POST")).toEqual([])
      const given = login({ registration_endpoint }, { clientId: "given" })
      expect(await given.oauth.authFlow()).toMatchObject({ tokens: { access_token: "access-1" } })
    },
  )

  test("registration elsewhere is taken where the program allowed it", async () => {
    const { world, oauth } = login({ registration_endpoint: `${OTHER}/register` }, { endpointOrigins: [OTHER] })
    expect(await oauth.authFlow()).toMatchObject({ tokens: { access_token: "access-1" } })
    expect(world.to(OTHER, "/register")).toHaveLength(1)
  })

  test("revocation elsewhere is not told, and everything else goes on", async () => {
    const { world, oauth } = login({ revocation_endpoint: `${OTHER}/revoke` }, { clientId: "given" })
    expect(await oauth.authFlow()).toMatchObject({ tokens: { access_token: "access-1" } })
    expect(await oauth.logout()).toBe(false)
    expect(world.to(OTHER)).toEqual([])
    const allowed = login({ revocation_endpoint: `${OTHER}/revoke` }, { clientId: "given", endpointOrigins: [OTHER] })
    await allowed.oauth.authFlow()
    expect(await allowed.oauth.logout()).toBe(true)
  })
})

const wrongs: ReadonlyArray<unknown> = [7, -1, "text", "", true, false, [], [7], ["a", null], {}, { a: 1 }, null]

test.each([
  ...["scopes_supported", "response_types_supported", "grant_types_supported", "token_endpoint_auth_methods_supported"],
  ...["authorization_response_iss_parameter_supported", "client_id_metadata_document_supported"],
  ...[
    "registration_endpoint",
    "revocation_endpoint",
    "grantlog_refresh_retry_window",
    "jwks_uri",
    "service_documentation",
  ],
  ...["ui_locales_supported", "__proto__"],
])("a server whose %s has a wrong type is found all the same", async (name) => {
  for (const wrong of wrongs) {
    const document = JSON.stringify(metadataOf(ISSUER)).replace(
      /\}$/,
      `,${JSON.stringify(name)}:${JSON.stringify(wrong)}}`,
    )
    const { outcome } = await find({ [announced]: saying(resource), [serverPlaces[0]!]: text(document) })
    expect(outcome).toMatchObject({ server: { issuer: ISSUER, metadata: { token_endpoint: `${ID}/token` } } })
  }
})

test.each([
  ...["scopes_supported", "bearer_methods_supported", "resource_name", "resource_documentation", "jwks_uri"],
  ...["resource_signing_alg_values_supported", "dpop_bound_access_tokens_required", "__proto__"],
])("a resource whose %s has a wrong type is found all the same", async (name) => {
  for (const wrong of wrongs) {
    const document = JSON.stringify(resource).replace(/\}$/, `,${JSON.stringify(name)}:${JSON.stringify(wrong)}}`)
    const { outcome } = await find({ [announced]: text(document), [serverPlaces[0]!]: saying(metadataOf(ISSUER)) })
    expect(outcome).toMatchObject({ server: { issuer: ISSUER }, resource: MCP })
    const isList = Array.isArray(wrong) && wrong.every((one) => typeof one === "string")
    const listed = name === "scopes_supported" && isList ? wrong : undefined
    expect((outcome as Discovered).scopesSupported).toEqual(listed)
  }
})

test.each([true, "true"])("a server that says %j of the issuer in its answers is taken at its word", async (said) => {
  const metadata = metadataOf(ISSUER, { authorization_response_iss_parameter_supported: said })
  const { outcome } = await find({ [announced]: saying(resource), [serverPlaces[0]!]: saying(metadata) })
  expect(outcome).toMatchObject({ server: { metadata: { authorization_response_iss_parameter_supported: true } } })
})

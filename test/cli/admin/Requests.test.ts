/** What the admin API makes of a request before an operation sees it: who may ask, what is meant, and what is refused. */
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { adminEndpoints, type AdminParts } from "../../../src/cli/admin/AdminEndpoints.ts"
import { operation } from "../../../src/cli/admin/Operation.ts"
import type { Place } from "../../../src/cli/admin/Place.ts"
import { CommandFault } from "../../../src/cli/Failure.ts"
import type { Answered } from "../../../src/http/Answered.ts"
import type { WireRequest } from "../../../src/http/index.ts"
import { ConfigFault, CorrelationId } from "../../../src/provider/index.ts"

const CREDENTIAL = "c".repeat(43)
const place = {} as Place

const told = { group: "audit", summary: "Echo", description: "Says what was asked.", refusals: [] } as const
const id = Schema.String
const thing = { ...told, path: "/admin/things/{id}", answer: Schema.Unknown } as const
const things = [
  operation({
    ...{ ...told, name: "list", method: "GET", path: "/admin/things", status: 200, fields: {} },
    answer: Schema.Unknown,
    run: Effect.fnUntraced(function* () {
      return { correlation: yield* CorrelationId }
    }),
  }),
  operation({
    ...{ ...thing, name: "read", method: "GET", status: 200 },
    fields: { id, count: Schema.optionalKey(Schema.Int), isNew: Schema.optionalKey(Schema.Boolean) },
    run: (at, asked) => Effect.succeed(at === place ? asked : "elsewhere"),
  }),
  operation({
    ...{ ...thing, name: "write", method: "POST", status: 201 },
    fields: { id, note: Schema.optionalKey(Schema.String), number: Schema.optionalKey(Schema.Int) },
    run: (_, asked) => Effect.succeed(asked),
  }),
  operation({
    ...{ ...thing, name: "remove", method: "DELETE", status: 200, fields: { id } },
    run: (_, { id: which }) => {
      if (which === "defect") return Effect.die(new Error("planted"))
      return which === "fault"
        ? Effect.fail(new ConfigFault({ message: "the ring is gone" }))
        : Effect.fail(new CommandFault({ message: "not now" }))
    },
  }),
]

const asking = (parts: Partial<AdminParts> = {}) => {
  const endpoints = adminEndpoints({
    ...{ place, operations: things, credential: CREDENTIAL, host: "admin.example" },
    document: () => '{"openapi":"3.1.0"}',
    ...parts,
  })
  return async ({ headers, ...sent }: Partial<WireRequest>) => {
    const request = { method: "GET", path: "/admin/things/a", query: "", body: "", source: "192.0.2.1", ...sent }
    const own = { host: "localhost:4001", authorization: `Bearer ${CREDENTIAL}` }
    const reply = await Effect.runPromise(endpoints({ ...request, headers: { ...own, ...headers } }, "request-1"))
    return { ...reply, body: JSON.parse(reply.body) as unknown }
  }
}

const HEADERS = {
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
  pragma: "no-cache",
  "x-request-id": "request-1",
}

const answered = (status: number, body: unknown) => ({ status, headers: HEADERS, body })
const refused = (status: number, error: string, sentence: string, headers = {}) => ({
  status,
  headers: { ...HEADERS, ...headers },
  body: { error, error_description: sentence },
})
const invalid = (sentence: string) => refused(400, "invalid_request", sentence)
const nothingThere = refused(404, "not_found", "there is nothing at this path")

const json = { "content-type": "application/json" }
const posted = (body: string, headers: WireRequest["headers"] = json) => ({ method: "POST", body, headers })

it.each<[string, Partial<WireRequest>, object]>([
  ["the path", { path: "/admin/things/a%2Fb%20" }, answered(200, { id: "a/b " })],
  ["the query", { query: "count=2&isNew=true" }, answered(200, { count: 2, isNew: true, id: "a" })],
  ["a body", posted('{"note":"n","number":3}'), answered(201, { note: "n", number: 3, id: "a" })],
  ["no body", posted(""), answered(201, { id: "a" })],
  ["no type and no body", posted("", {}), answered(201, { id: "a" })],
  [
    "a type with parameters",
    posted("{}", { "content-type": "application/json;charset=utf-8" }),
    answered(201, { id: "a" }),
  ],
  ["a type with spaces", posted("{}", { "content-type": " Application/JSON ; q=1" }), answered(201, { id: "a" })],
  ["the head", { method: "HEAD" }, answered(200, { id: "a" })],
  ["a place of its own", { path: "/admin/things" }, answered(200, { correlation: "request-1" })],
  ["the document", { path: "/openapi.json" }, answered(200, { openapi: "3.1.0" })],
  ["the head of the document", { path: "/openapi.json", method: "HEAD" }, answered(200, { openapi: "3.1.0" })],
])("an operation is asked by %s", async (_, sent, reply) => {
  expect(await asking()(sent)).toEqual(reply)
})

it.each<[string, Partial<WireRequest>, object]>([
  ["a parameter twice", { query: "count=1&count=2" }, invalid("the parameter `count` appears more than once")],
  ["a parameter that nobody reads", { query: "count=1&b=2" }, invalid("b: there is no such parameter")],
  [
    "a parameter of that name in every object",
    { query: "toString=1" },
    invalid("toString: there is no such parameter"),
  ],
  ["what is in the path", { query: "id=b" }, invalid("id: there is no such parameter")],
  ["what is in the body", { ...posted(""), query: "note=n" }, invalid("note: there is no such parameter")],
  [
    "a long name, which is cut",
    { query: `${"x".repeat(99)}=1` },
    invalid(`${"x".repeat(63)}…: there is no such parameter`),
  ],
  ["a value of another type", { query: "count=x" }, invalid("count: expected a whole number")],
  ["a body of a question", { body: "{}", headers: json }, invalid("a GET has no body")],
  ["a body of a removal", { method: "DELETE", body: "{}", headers: json }, invalid("a DELETE has no body")],
  ["no JSON", posted("{"), invalid("the body is no JSON")],
  ["a list", posted("[]"), invalid("the body is no JSON object")],
  ["null", posted("null"), invalid("the body is no JSON object")],
  ["a text", posted('"a"'), invalid("the body is no JSON object")],
  ["a member that nobody reads", posted('{"a":1}'), invalid("a: there is no such member in the body")],
  ["a member that is in the path", posted('{"id":"b"}'), invalid("id: there is no such member in the body")],
  ["a member of another type", posted('{"number":"3"}'), invalid("number: expected number")],
  [
    "a URL that is too long",
    { path: `/${"x".repeat(16_383)}`, query: "y" },
    invalid("the URL is longer than 16384 characters"),
  ],
  ["a URL that is just short enough", { path: `/${"x".repeat(16_382)}`, query: "y" }, nothingThere],
  ["a longer path", { path: "/admin/things/a/b" }, nothingThere],
  ["a shorter path", { path: "/admin" }, nothingThere],
  ["another path", { path: "/admin/others/a" }, nothingThere],
  ["nothing where a name is", { path: "/admin/things/" }, nothingThere],
  ["what is no escape", { path: "/admin/things/%zz" }, nothingThere],
])("%s is refused", async (_, sent, reply) => {
  expect(await asking()(sent)).toEqual(reply)
})

it.each(["text/plain", "application/jsonp", "text/application/json", "application/json+x", undefined])(
  "a body of the type %s is refused",
  async (type) => {
    const sent = posted("{}", type === undefined ? {} : { "content-type": type })
    const sentence = "send JSON, with content-type: application/json"
    expect(await asking()(sent)).toEqual(refused(415, "unsupported_media_type", sentence))
  },
)

it.each([
  ["PUT", "/admin/things/a", "GET and POST and DELETE", "GET, HEAD, POST, DELETE"],
  ["POST", "/admin/things", "GET", "GET, HEAD"],
  ["POST", "/openapi.json", "GET", "GET, HEAD"],
])("a %s to %s is told which methods there are", async (method, path, methods, allow) => {
  expect(await asking()({ method, path })).toEqual(
    refused(405, "method_not_allowed", `this takes ${methods}`, { allow }),
  )
})

describe("who may not ask", () => {
  const challenge = { "www-authenticate": 'Bearer realm="grantlog admin"' }
  const none = refused(
    401,
    "unauthorized",
    "show the admin credential of this server: Authorization: Bearer …",
    challenge,
  )
  const wrong = refused(401, "unauthorized", "that is not the admin credential of this server", challenge)
  const later = (seconds: string) =>
    refused(429, "too_many_requests", "too many wrong credentials: come again later", { "retry-after": seconds })
  const guess = { headers: { authorization: "Bearer guess" } }

  it.each([
    ["no host", { host: "" }],
    ["another host", { host: "evil.example" }],
    ["another host, from a page", { host: "evil.example", origin: "http://evil.example" }],
  ])("is asked by %s", async (_, headers) => {
    const sentence = "ask by localhost, by an IP address, or by the name of --admin-host"
    expect(await asking()({ headers })).toEqual(refused(421, "misdirected_request", sentence))
  })

  it.each(["192.0.2.7:1", "[::1]:4001", "ADMIN.example"])("may ask by the host %s", async (host) => {
    expect((await asking()({ headers: { host } })).status).toBe(200)
  })

  it("is a page in a browser", async () => {
    const sentence = "this is for programs: a request with an Origin is refused"
    expect(await asking()({ headers: { origin: "" } })).toEqual(refused(403, "forbidden", sentence))
  })

  it.each(["", CREDENTIAL, `Basic ${CREDENTIAL}`, `x Bearer ${CREDENTIAL}`, "Bearer ", `Bearer ${CREDENTIAL} x`])(
    "shows no credential: %s",
    async (authorization) => {
      expect(await asking()({ headers: { authorization } })).toEqual(none)
    },
  )

  it("may write Bearer as they like", async () => {
    const authorization = `bEARER   ${CREDENTIAL}`
    expect((await asking()({ headers: { authorization } })).status).toBe(200)
  })

  it.each([
    [2, "30"],
    [40, "2"],
    [undefined, "6"],
  ])("guesses %s times in a minute, and has to wait then; others need not", async (failuresPerMinute, seconds) => {
    const ask = asking(failuresPerMinute === undefined ? {} : { failuresPerMinute })
    for (let count = 0; count < (failuresPerMinute ?? 10); count++) expect(await ask(guess)).toEqual(wrong)
    expect(await ask(guess)).toEqual(later(seconds))
    expect(await ask({ ...guess, source: "198.51.100.1" })).toEqual(wrong)
    expect((await ask({})).status).toBe(200)
    expect(await ask({ headers: { authorization: "" } })).toEqual(none)
  })
})

describe("the operator is told", () => {
  const failed = refused(500, "server_error", "something went wrong here: it was written to standard error")
  const removing = (which: string) => ({ method: "DELETE", path: `/admin/things/${which}` })

  it("of a defect, and what stays so until somebody mends it; not of what they asked for", async () => {
    const said: Array<unknown> = []
    const ask = asking({
      onDefect: (defect) => said.push(["defect", (defect as Error).message]),
      onFault: (sentence) => said.push(["fault", sentence]),
    })
    expect(await ask(removing("defect"))).toEqual(failed)
    expect(await ask(removing("fault"))).toEqual(refused(500, "server_error", "the ring is gone"))
    expect(await ask(removing("other"))).toEqual(refused(409, "refused", "not now"))
    expect(said).toEqual([
      ["defect", "planted"],
      ["fault", "the ring is gone"],
    ])
  })

  it("nothing where nobody listens", async () => {
    const ask = asking({
      document: () => {
        throw new Error("planted")
      },
    })
    expect(await ask(removing("defect"))).toEqual(failed)
    expect(await ask({ path: "/openapi.json" })).toEqual(failed)
    expect(await ask(removing("fault"))).toEqual(refused(500, "server_error", "the ring is gone"))
  })

  it.each<[Partial<WireRequest>, string, number]>([
    [{ path: "/admin/things/planted" }, "/admin/things/{id}", 200],
    [{ path: "/openapi.json" }, "/openapi.json", 200],
    [{ path: "/planted" }, "none", 404],
    [{ path: "/admin/things/planted", headers: { authorization: "" } }, "/admin/things/{id}", 401],
  ])("which endpoint was asked, by a path without names: %o", async (sent, endpoint, status) => {
    const seen: Array<Answered> = []
    await asking({ onAnswered: (one) => seen.push(one) })(sent)
    expect(seen).toMatchObject([{ endpoint, status, method: "GET", requestId: "request-1" }])
  })
})

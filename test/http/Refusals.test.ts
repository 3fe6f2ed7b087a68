/** Where no endpoint answers: a page for whoever looks with a browser, JSON for programs, of the same status. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { makeEndpoints, type EndpointOptions, type WireRequest } from "../../src/http/index.ts"
import { ISSUER, serverOver } from "../support/TestServer.ts"

const BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

const start = async (options: EndpointOptions = {}) => {
  const { native } = await serverOver({ config: { displayName: "Meadow <Notes>" } })
  const answer = makeEndpoints(native, options)
  return (path: string, accept?: string, more: Partial<WireRequest> = {}) =>
    Effect.runPromise(
      answer(
        {
          method: "GET",
          path,
          query: "",
          headers: { host: new URL(ISSUER).host, ...(accept === undefined ? {} : { accept }) },
          body: "",
          source: "",
          ...more,
        },
        "request-1",
      ),
    )
}

describe("an unknown address", () => {
  test.each([
    BROWSER,
    "text/html",
    "TEXT/HTML;level=1",
    "text/html;q=0.1",
    "application/json;q=0.5, text/html;q=0.6",
    "text/html, application/json;q=0.9",
    "text/html;q=0.2, text/html;q=0.9, application/json;q=0.5",
  ])("is a page for a browser, that is who asks for HTML most: %s", async (accept) => {
    const { status, headers, body } = await (await start())("/nowhere", accept)
    expect([status, headers["content-type"], headers["vary"]]).toEqual([404, "text/html; charset=utf-8", "accept"])
    expect(body).toContain("<h1>There is no such page</h1>")
    expect(body).toContain("Nothing is at this address. It may have been typed or copied with a mistake.")
    expect(body).toContain(`<a href="${ISSUER}">To the first page of Meadow &lt;Notes&gt;</a>`)
    expect(body).toContain("<code>request-1</code>")
    expect(headers["x-request-id"]).toBe("request-1")
    expect(headers["content-security-policy"]).toContain("default-src 'none'")
  })

  test.each([
    undefined,
    "",
    "*/*",
    "text/*",
    "application/json",
    "application/json, text/html",
    "application/json, text/event-stream",
    "application/json, text/html;q=0.9, */*;q=0.1",
    "text/html;q=0",
    "text/plain, application/xml",
    "xtext/html, text/htmlx",
  ])("is JSON for a program: %s", async (accept) => {
    const { status, headers, body } = await (await start())("/nowhere", accept)
    expect([status, headers["content-type"], headers["vary"]]).toEqual([404, "application/json", "accept"])
    expect(JSON.parse(body)).toEqual({ error: "not_found" })
    expect(headers["x-request-id"]).toBe("request-1")
  })

  test("is a page for whatever method a browser uses, and at any host, where it leads home", async () => {
    const ask = await start()
    for (const method of ["GET", "HEAD", "POST", "OPTIONS"]) {
      const { status, body } = await ask("/nowhere", BROWSER, {
        method,
        headers: { accept: BROWSER, host: "evil.example" },
      })
      expect([method, status, body.includes(`href="${ISSUER}"`), body.includes("evil")]).toEqual([
        method,
        404,
        true,
        false,
      ])
    }
  })
})

describe("what cannot be asked for in that way", () => {
  test.each([
    ["/token", "GET", "POST only", "POST"],
    ["/account", "PUT", "GET and POST only", "GET, POST"],
    ["/consent", "HEAD", "GET and POST only", "GET, POST"],
    ["/authorize", "POST", "GET only", "GET"],
    ["/healthz", "DELETE", "GET only", "GET, HEAD"],
  ])("is said to a browser on a page: %s by %s", async (path, method, taken, allow) => {
    const ask = await start()
    const page = await ask(path, BROWSER, { method })
    expect([page.status, page.headers["allow"], page.headers["vary"]]).toEqual([405, allow, "accept"])
    expect(page.body).toContain(`This address cannot be used in that way: it takes ${taken}.`)
    expect(page.body).toContain("<h1>This cannot be done</h1>")
    expect(page.body).toContain("<code>request-1</code>")
    const json = await ask(path, undefined, { method })
    expect([json.status, json.headers["allow"], JSON.parse(json.body)]).toEqual([
      405,
      allow,
      { error: "invalid_request", error_description: `this endpoint takes ${taken.replace(" only", "")}` },
    ])
  })

  test("is an address that is too long", async () => {
    const ask = await start()
    const query = "x".repeat(16_384)
    const page = await ask("/", BROWSER, { query })
    expect(page.status).toBe(414)
    expect(page.body).toContain("The address is longer than 16384 characters.")
    const json = await ask("/", undefined, { query })
    expect([json.status, JSON.parse(json.body)]).toEqual([
      414,
      { error: "invalid_request", error_description: "the URL is longer than 16384 characters" },
    ])
    expect((await ask("/", BROWSER, { query: query.slice(1) })).status).toBe(200)
  })

  test("endpoints answer a browser in the form of their protocol", async () => {
    const { headers, status } = await (await start())("/token", BROWSER, { method: "POST" })
    expect([status, headers["content-type"], headers["vary"]]).toEqual([400, "application/json", undefined])
  })
})

test.each([
  ["dies", () => Effect.die("a secret of the inside")],
  [
    "throws before it is an Effect",
    () => {
      throw "a secret of the inside"
    },
  ],
])(
  "what %s is told to the operator, and to a browser on a page that names the request and nothing else",
  async (_, endpoint) => {
    const told: Array<unknown> = []
    const ask = await start({
      mounted: [["GET", "/broken", endpoint]],
      onDefect: (defect) => told.push(defect),
    })
    const page = await ask("/broken", BROWSER)
    expect([page.status, page.headers["content-type"]]).toEqual([500, "text/html; charset=utf-8"])
    expect(page.body).toContain("Something went wrong here. It was reported to the operator.")
    expect(page.body).toContain("<code>request-1</code>")
    expect(page.body).not.toContain("secret")
    const json = await ask("/broken")
    expect([json.status, JSON.parse(json.body)]).toEqual([
      500,
      { error: "server_error", error_description: "something went wrong here; it was reported to the operator" },
    ])
    expect(told).toEqual(["a secret of the inside", "a secret of the inside"])
  },
)

/** The question before the browser opens: it tells a known client from an unknown one, and costs nobody anything. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { ClientNotFoundError, OAuth } from "../../../src/client/index.ts"
import { checkClientIsKnown } from "../../../src/client/authorization/ClientCheck.ts"
import { ISSUER, makeStack, type Server } from "../support/World.ts"

const begun = async (isAutoApproving: boolean) => {
  const stack = await makeStack({ isAutoApproving })
  const opened: Array<string> = []
  const oauth = OAuth({ ...stack.options, openBrowser: (url) => void opened.push(url) })
  return { ...stack, oauth, opened, pending: await oauth.begin() }
}

test.each([true, false])(
  "a client that is known gets its browser and spends nothing, also where everything is approved (%s)",
  async (isAutoApproving) => {
    const { oauth, opened, pending, grantlog, world } = await begun(isAutoApproving)
    const before = await Effect.runPromise(grantlog.store.head)
    await oauth.redirectHandler(pending.authorizationUrl)
    expect(opened).toEqual([pending.authorizationUrl])
    expect(world.to(ISSUER, "/authorize")).toHaveLength(1)
    expect(await Effect.runPromise(grantlog.store.head)).toEqual(before)
  },
)

test.each([true, false])(
  "a client that is not known (any more) is told so, and no browser opens (auto-approval: %s)",
  async (isAutoApproving) => {
    const { oauth, opened, pending, grantlog } = await begun(isAutoApproving)
    await Effect.runPromise(grantlog.native.deleteClient(pending.registered.client.client_id))
    await expect(oauth.redirectHandler(pending.authorizationUrl)).rejects.toBeInstanceOf(ClientNotFoundError)
    expect(opened).toEqual([])
  },
)

test("a redirect URI that was not registered is as good as an unknown client", async () => {
  const { oauth, pending } = await begun(true)
  const url = new URL(pending.authorizationUrl)
  url.searchParams.set("redirect_uri", "http://127.0.0.1:1/elsewhere")
  await expect(oauth.redirectHandler(url)).rejects.toMatchObject({ code: "client_not_found" })
})

test("the question carries no challenge, scope or state of the login", async () => {
  const { oauth, pending, world } = await begun(true)
  await oauth.redirectHandler(pending.authorizationUrl)
  const { query } = world.to(ISSUER, "/authorize")[0]!
  expect([...query.keys()].sort()).toEqual(["client_id", "redirect_uri", "state"])
  expect(query.get("state")).not.toBe(pending.state)
})

const answers: ReadonlyArray<readonly [string, Server, boolean]> = [
  ["a page", () => new Response("log in"), true],
  ["a redirect", () => new Response(null, { status: 302, headers: { location: "/login" } }), true],
  ["an outage", () => new Response("down", { status: 503 }), true],
  ["nothing at all", () => Promise.reject(new TypeError("fetch failed")), true],
  ["a page that leads back", (request) => new Response(`<a href="${request.url}">`, { status: 400 }), true],
  ["a bare 400", () => Response.json({ error: "invalid_request" }, { status: 400 }), false],
  ["a bare 401", () => Response.json({ error: "invalid_client" }, { status: 401 }), false],
]

test.each(answers)("%s means that the browser opens: %#", async (_, server, isOpened) => {
  const { oauth, opened, pending, world } = await begun(true)
  world.servers.set(ISSUER, server)
  await oauth.redirectHandler(pending.authorizationUrl).catch(() => undefined)
  expect(opened).toHaveLength(isOpened ? 1 : 0)
})

test("the question is sent once, wherever it leads, and not waited for without end", async () => {
  const seen: Array<RequestInit | undefined> = []
  const fetch = async (_: unknown, init?: RequestInit) => {
    seen.push(init)
    return new Response(null, { status: 302 })
  }
  await checkClientIsKnown(fetch, `${ISSUER}/authorize?client_id=c`)
  expect(seen).toEqual([{ redirect: "manual", signal: expect.any(AbortSignal) }])
})

test("what an endpoint has in its own query stays, and of the login who asks and where the answer would go", async () => {
  let asked = new URL(ISSUER)
  const fetch = async (input: unknown) => {
    asked = new URL(String(input))
    return new Response(null, { status: 400 })
  }
  const login =
    "response_type=code&code_challenge=c&code_challenge_method=S256&scope=s&resource=r&state=s&prompt=consent"
  const kept = "tenant=t&client_id=app&redirect_uri=http%3A%2F%2F127.0.0.1%2Fcallback"
  await expect(checkClientIsKnown(fetch, `${ISSUER}/authorize?${kept}&${login}`)).rejects.toMatchObject({
    _tag: "ClientNotFoundError",
    code: "client_not_found",
    message: "the server does not know the client `app` with this redirect URI: it has to register anew",
  })
  asked.searchParams.delete("state")
  expect(asked.search).toBe(`?${kept}`)
  await expect(checkClientIsKnown(fetch, `${ISSUER}/authorize`)).rejects.toMatchObject({
    message: "the server does not know the client `` with this redirect URI: it has to register anew",
  })
})

test("a 400 that breaks off is one, for what came of it leads nowhere", async () => {
  const body = new ReadableStream({ start: (stream) => stream.error(new Error("gone")) })
  const fetch = async () => new Response(body, { status: 400 })
  await expect(checkClientIsKnown(fetch, `${ISSUER}/authorize?client_id=c`)).rejects.toBeInstanceOf(ClientNotFoundError)
})

/** The two requests to a token endpoint: where they may go, what goes with them, and what it means when nothing comes. */
import { expect, test } from "vitest"
import { OAuth, type TokenError } from "../../../src/client/index.ts"
import { refresh, type RefreshRequest } from "../../../src/client/tokens/TokenRequest.ts"
import { addEvil, addEvilResource, EVIL, EVIL_MCP, metadataOf } from "../support/Attacker.ts"
import { ISSUER, json, makeWorld, memoryStorage } from "../support/World.ts"

const OTHER = "https://other.example"
const held = { access_token: "a0", token_type: "Bearer", refresh_token: "r0" }

const request: RefreshRequest = {
  server: { issuer: ISSUER, metadata: metadataOf(ISSUER) },
  client: { client: { client_id: "app" }, issuer: ISSUER },
  tokens: { tokens: held, issuer: ISSUER },
  resource: "http://localhost:9999/mcp",
}

const refreshAt = (fetch: typeof globalThis.fetch, more: Partial<RefreshRequest> = {}) =>
  refresh({ fetch, now: () => 1000 }, { ...request, ...more })

test.each<readonly [string, Partial<RefreshRequest>]>([
  ["tokens of another issuer", { tokens: { tokens: held, issuer: OTHER } }],
  ["a client of another issuer", { client: { client: { client_id: "app" }, issuer: OTHER } }],
  ["no refresh token", { tokens: { tokens: { access_token: "a0", token_type: "Bearer" }, issuer: ISSUER } }],
  ["an empty refresh token", { tokens: { tokens: { ...held, refresh_token: "" }, issuer: ISSUER } }],
])("with %s there is nothing to refresh, and nothing is sent", async (_, more) => {
  const world = makeWorld()
  world.servers.set(ISSUER, () => json({ ...held, access_token: "a1" }))
  await expect(refreshAt(world.fetch, more)).rejects.toMatchObject({
    _tag: "TokenError",
    code: "login_required",
    message: `there is nothing to refresh at \`${ISSUER}\`: log in`,
  })
  expect(world.sent).toEqual([])
})

//= OAUTH21-4.3.2-client-replaces-rt
test("tokens without a scope stay without one, and those that had one keep it", async () => {
  const answer = async () => json({ access_token: "a1", token_type: "Bearer" })
  expect((await refreshAt(answer)).tokens).toStrictEqual({ ...held, access_token: "a1" })
  const scoped = { tokens: { tokens: { ...held, scope: "read" }, issuer: ISSUER } }
  expect((await refreshAt(answer, scoped)).tokens).toStrictEqual({ ...held, access_token: "a1", scope: "read" })
})

test.each([
  [["read", "write"], undefined, "read write"],
  [["read", "write"], "read", "read"],
  [[], undefined, undefined],
])("of a login for %j whose answer says the scope %j, %j is kept", async (scopes, said, kept) => {
  const world = makeWorld()
  addEvil(world)
  addEvilResource(world, () => [EVIL])
  const evil = world.servers.get(EVIL)!
  world.servers.set(EVIL, (sent) => {
    if (!sent.url.endsWith("/token")) return evil(sent)
    return json({ access_token: "a", token_type: "Bearer", ...(said === undefined ? {} : { scope: said }) })
  })
  const tokenStorage = memoryStorage(EVIL_MCP)
  const { fetch, openBrowser } = world
  await OAuth({ mcpUrl: EVIL_MCP, fetch, openBrowser, tokenStorage, scopes }).authFlow()
  const expected = { access_token: "a", token_type: "Bearer", ...(kept === undefined ? {} : { scope: kept }) }
  expect((await tokenStorage.getTokens())?.tokens).toStrictEqual(expected)
})

const faultOf = async (answer: () => Promise<Response>): Promise<TokenError> =>
  refreshAt(answer).then(
    () => expect.fail("it was not refused"),
    (error: unknown) => error as TokenError,
  )

const coded = (code: string, message = "no") => Object.assign(new Error(message), { code })
const failed = (cause: unknown) => new TypeError("fetch failed", { cause })

test.each([
  ...["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"].map(
    (code) => [code, failed(coded(code)), false] as const,
  ),
  ["its own code", coded("ECONNREFUSED"), false],
  ["every address refused", failed(new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")])), false],
  ["some address refused", failed(new AggregateError([null, coded("ECONNREFUSED")])), false],
  ["ECONNRESET", failed(coded("ECONNRESET")), true],
  ["UND_ERR_SOCKET", failed(coded("UND_ERR_SOCKET")), true],
  ["every address lost", failed(new AggregateError([coded("ECONNRESET")])), true],
  ["a code that is no text", failed({ code: 7 }), true],
  ["no cause", failed(undefined), true],
  ["no error at all", undefined, true],
  ["null", null, true],
] as const)("a request that failed with %s may have been carried out (%#): what is stored is kept", async (...row) => {
  const [, cause, isReplyLost] = row
  const fault = await faultOf(() => Promise.reject(cause))
  expect(fault).toMatchObject({ _tag: "TokenError", code: "server_unavailable", isReplyLost, cause })
  expect(fault.message).toBe(
    `the token endpoint of \`${ISSUER}\` cannot be reached: nothing was given up, try again later`,
  )
})

test.each([
  [500, true],
  [502, true],
  [429, false],
])("a server that failed with %d may have done it before: %s", async (status, isReplyLost) => {
  const fault = await faultOf(async () => new Response("no", { status }))
  expect(fault).toMatchObject({ code: "server_unavailable", isReplyLost })
})

test.each([
  [undefined, undefined],
  ["120", 120],
  ["0", 0],
  ["soon", undefined],
  ["12 s", undefined],
  ["in 12", undefined],
  ["-1", undefined],
  ["1234567", undefined],
  ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
])("the header Retry-After that says %j asks for %s seconds", async (said, seconds) => {
  const headers: Record<string, string> = said === undefined ? {} : { "retry-after": said }
  const fault = await faultOf(async () => new Response("no", { status: 503, headers }))
  expect(fault.retryAfterSeconds).toBe(seconds)
})

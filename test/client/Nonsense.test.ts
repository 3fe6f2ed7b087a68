/**
 * Servers that answer nonsense: what they say is refused in a sentence, is repeated nowhere, and spoils nothing that is
 * stored.
 */
import { expect, test } from "vitest"
import { isOAuthClientError, OAuth } from "../../src/client/index.ts"
import { ISSUER, json, makeStack, MCP_URL, memoryStorage } from "./support/World.ts"

/** A login at a server that answers at paths that begin so as it likes. */
const loginWhere = async (path: string, answer: () => Response, origin = ISSUER) => {
  const { world, options } = await makeStack()
  const honest = world.servers.get(origin)!
  world.servers.set(origin, (request) => (new URL(request.url).pathname.startsWith(path) ? answer() : honest(request)))
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  return { oauth, tokenStorage, world, outcome: oauth.authFlow().catch((error: unknown) => error) }
}

/** A body that ends in the middle. */
const cutOff = (status: number): Response => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode(`{"client_id":"`)),
    pull: (controller) => controller.error(new TypeError("terminated")),
  })
  return new Response(body, { status, headers: { "content-type": "application/json" } })
}

test.each([
  ["a line break", "sec\nret"],
  ["another script", "secr€t"],
  ["an escape sequence", "sec\u001b[2Jret"],
  ["nothing in it", ""],
])(
  "a token that no header carries, for it has %s, is refused, stored nowhere and repeated to nobody",
  async (_, token) => {
    const answer = () => json({ access_token: token, token_type: "Bearer", refresh_token: "r" })
    const { outcome, tokenStorage } = await loginWhere("/token", answer)
    const error = await outcome
    expect(error).toMatchObject({ code: "response_malformed" })
    if (token !== "") expect(String(error)).not.toContain(token)
    expect(await tokenStorage.getTokens()).toBeUndefined()
  },
)

test.each([1e306, -1e306, "1e308", -5])("a lifetime of %s seconds spoils nothing that is stored", async (seconds) => {
  const answer = () => json({ access_token: "at", token_type: "Bearer", expires_in: seconds })
  const { outcome, tokenStorage } = await loginWhere("/token", answer)
  expect(await outcome).toMatchObject({ tokens: { access_token: "at" } })
  expect(await tokenStorage.getTokens()).toMatchObject({ tokens: { access_token: "at" }, issuer: ISSUER })
})

test.each([
  ["metadata", ISSUER, "/.well-known/", 200],
  ["resource metadata", new URL(MCP_URL).origin, "/.well-known/oauth-protected-resource", 200],
  ["a registration", ISSUER, "/register", 201],
  ["a refused registration", ISSUER, "/register", 400],
])("%s that ends in the middle is an outage, told in a sentence", async (_, origin, path, status) => {
  const error = await (await loginWhere(path, () => cutOff(status), origin)).outcome
  expect(isOAuthClientError(error)).toBe(true)
  expect(error).toMatchObject({ code: "server_unavailable" })
})

/**
 * A refresh that the server refuses in its own way: what is over leads to one login, and what is not is told as the
 * server told it, without asking it again and again.
 */
import { expect, test } from "vitest"
import { OAuth } from "../../../src/client/index.ts"
import { ISSUER, json, makeStack, MCP_URL, memoryStorage, type Server } from "../support/World.ts"

/** A client whose token has ended, at a server that answers a refresh as told. */
const expiredWhere = async (answer: (request: Request) => Response) => {
  const { world, options, clock } = await makeStack()
  const tokenStorage = memoryStorage()
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.fetch(MCP_URL)
  const honest = world.servers.get(ISSUER)!
  const refusing: Server = async (request) => {
    const isRefresh = request.url.endsWith("/token") && (await request.clone().text()).includes("refresh_token=")
    return isRefresh ? answer(request) : honest(request)
  }
  world.servers.set(ISSUER, refusing)
  const refreshCount = () => world.to(ISSUER, "/token").filter(({ body }) => body.includes("refresh_token=")).length
  clock.pass(3600)
  return { world, clock, honest, tokenStorage, oauth, options, refreshCount }
}

const GITHUB = { error: "bad_refresh_token", error_description: "The refresh token passed is incorrect or expired." }

test.each<readonly [string, () => Response]>([
  ["200 in JSON", () => json(GITHUB)],
  ["200 as a form", () => new Response(new URLSearchParams(GITHUB))],
  [
    "200 as text",
    () => new Response(String(new URLSearchParams(GITHUB)), { headers: { "content-type": "text/plain" } }),
  ],
  ["401 in a detail", () => json({ detail: { error: "invalid_grant" } }, 401)],
  ["500 in JSON", () => json({ error: "invalid_grant" }, 500)],
  ["a sentence", () => new Response("refresh token expired", { status: 400 })],
])("a login that is over by %s leads to one login, with the registration at hand", async (_, answer) => {
  const { world, oauth, refreshCount, tokenStorage } = await expiredWhere(answer)
  expect(await oauth.token()).toBeUndefined()
  expect(await tokenStorage.getTokens()).toBeUndefined()
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.pages).toHaveLength(2)
  expect(world.to(ISSUER, "/register")).toHaveLength(1)
  expect(refreshCount()).toBe(1)
})

test.each<readonly [string, () => Response, string]>([
  [
    "a 200",
    () => json({ error: "policy", error_description: "come back on Monday" }),
    "200 policy (come back on Monday)",
  ],
  ["a form", () => new Response("error=policy&error_description=come+back"), "200 policy (come back)"],
  [
    "a 400",
    () => json({ error: "invalid_request", error_description: "no resource" }, 400),
    "400 invalid_request (no resource)",
  ],
  ["a nested error", () => json({ error: { code: "policy", message: "come back" } }, 403), "403 policy (come back)"],
])(
  "a refusal as %s is told in the server's words, keeps the login, and is not repeated at once",
  async (_, answer, said) => {
    const { world, clock, honest, oauth, refreshCount, tokenStorage } = await expiredWhere(answer)
    const fault = {
      code: "request_refused",
      message: `the token endpoint of \`${ISSUER}\` answered with ${said}: check the scopes and the resource, log in again, or tell whoever runs the server`,
    }
    await expect(oauth.fetch(MCP_URL)).rejects.toMatchObject(fault)
    const again = { ...fault, message: `${fault.message} (not asked again yet)` }
    await expect(oauth.fetch(MCP_URL)).rejects.toMatchObject(again)
    await expect(oauth.token()).rejects.toMatchObject(again)
    expect(refreshCount()).toBe(1)
    clock.pass(1)
    await expect(oauth.token()).rejects.toMatchObject(fault)
    expect(refreshCount()).toBe(2)
    expect(world.pages).toHaveLength(1)
    // It is got over: by the server, or by a login that somebody asks for.
    expect(await tokenStorage.getTokens()).toBeDefined()
    await oauth.authFlow()
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    world.servers.set(ISSUER, honest)
    clock.pass(3600)
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    expect(world.pages).toHaveLength(2)
  },
)

test("a refusal while the access token lives is no matter, and is told when it is over", async () => {
  const { world, options, clock } = await makeStack()
  const oauth = OAuth({ ...options, tokenStorage: memoryStorage() })
  await oauth.fetch(MCP_URL)
  const token = await oauth.token()
  const honest = world.servers.get(ISSUER)!
  world.servers.set(ISSUER, (request) =>
    request.url.endsWith("/token") ? json({ error: "policy" }, 400) : honest(request),
  )
  clock.pass(3580)
  expect(await oauth.token()).toBe(token)
  expect(await oauth.token()).toBe(token)
  expect(world.to(ISSUER, "/token")).toHaveLength(2)
  clock.pass(30)
  await expect(oauth.token()).rejects.toMatchObject({ code: "request_refused", error: "policy" })
})

test("a client that is refused in its own way registers anew", async () => {
  const { world, oauth } = await expiredWhere(() => json({ error: "incorrect_client_credentials" }))
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.pages).toHaveLength(2)
})

test("a code that is refused with a 200 ends the login in the server's words, without the code in them", async () => {
  const { world, options } = await makeStack()
  const honest = world.servers.get(ISSUER)!
  let code = ""
  world.servers.set(ISSUER, async (request) => {
    if (!request.url.endsWith("/token")) return honest(request)
    code = new URLSearchParams(await request.text()).get("code")!
    return json({ error: "bad_verification_code", error_description: `The code ${code} is incorrect or expired.` })
  })
  const message = `the token endpoint of \`${ISSUER}\` answered with 200 bad_verification_code (The code … is incorrect or expired.): log in again`
  await expect(OAuth(options).authFlow()).rejects.toMatchObject({ code: "grant_ended", message })
  expect(code).toMatch(/^glc_/)
})

test.each(["", null])(
  "a refresh answer with %j for a refresh token leaves the old one, which is good once more",
  async (nothing) => {
    const { world, clock, honest, oauth, tokenStorage } = await expiredWhere(() =>
      json({ access_token: "access-1", token_type: "Bearer", expires_in: 60, refresh_token: nothing }),
    )
    const before = (await tokenStorage.getTokens())!.tokens.refresh_token
    expect(await oauth.token()).toBe("access-1")
    expect((await tokenStorage.getTokens())!.tokens.refresh_token).toBe(before)
    world.servers.set(ISSUER, honest)
    clock.pass(60)
    expect((await oauth.fetch(MCP_URL)).status).toBe(200)
    expect(world.pages).toHaveLength(1)
  },
)

test("a refresh token that was stored empty is none: one login, and nothing is sent in vain", async () => {
  const { world, oauth, tokenStorage, refreshCount } = await expiredWhere(() => json({}))
  const stored = (await tokenStorage.getTokens())!
  await tokenStorage.setTokens({ ...stored, tokens: { ...stored.tokens, refresh_token: "" } })
  expect(await oauth.token()).toBeUndefined()
  expect((await oauth.fetch(MCP_URL)).status).toBe(200)
  expect(world.pages).toHaveLength(2)
  expect(refreshCount()).toBe(0)
})

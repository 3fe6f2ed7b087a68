/** What a login keeps: what the server gave, and nothing that the program brought along. */
import { PassThrough } from "node:stream"
import { setImmediate as soon } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { memoryKeyValue, OAuth, TokenStorageAdapter } from "../../../src/client/index.ts"
import { json, ISSUER, makeStack, makeWorld, MCP_URL, memoryStorage } from "../support/World.ts"
import { addEvil, addEvilResource, EVIL, EVIL_MCP, metadataOf } from "../support/Attacker.ts"

const SECRET = "the-secret-of-the-program"
const given = { clientId: "given", clientSecret: SECRET }

/** Everything that is ever written to a store. */
const watched = () => {
  const inner = memoryKeyValue()
  const written: Array<string> = []
  const keyValue = {
    ...inner,
    set: (key: string, value: string, options?: { readonly ttlSeconds?: number }) => {
      written.push(value)
      return inner.set(key, value, options)
    },
  }
  return { written, tokenStorage: TokenStorageAdapter(keyValue, EVIL_MCP) }
}

const stackOf = () => {
  const world = makeWorld()
  addEvil(world, metadataOf(EVIL))
  addEvilResource(world, () => [EVIL])
  return { mcpUrl: EVIL_MCP, fetch: world.fetch, openBrowser: world.openBrowser, world }
}

test("a secret that the program gave is not kept, by whichever way it logs in", async () => {
  for (const way of ["flow", "steps"] as const) {
    const { world, ...options } = stackOf()
    const { written, tokenStorage } = watched()
    const oauth = OAuth({ ...options, ...given, tokenStorage })
    if (way === "flow") await oauth.authFlow()
    else {
      const { authorizationUrl } = await oauth.begin()
      await oauth.redirectHandler(authorizationUrl)
      await oauth.finish(await oauth.callbackHandler())
    }
    expect(await tokenStorage.getClientInfo()).toEqual({ client: { client_id: "given" }, issuer: EVIL })
    expect(written.length).toBeGreaterThan(1)
    expect(written.join("\n")).not.toContain(SECRET)
    const [sent] = world.to(EVIL, "/token")
    expect(sent!.headers.get("authorization")).toBe(`Basic ${Buffer.from(`given:${SECRET}`).toString("base64")}`)
  }
})

test("a secret that the program gave is not kept by the SDK either", async () => {
  const { world: _, ...options } = stackOf()
  const { written, tokenStorage } = watched()
  const provider = await OAuth({ ...options, ...given, tokenStorage }).provider()
  await provider.saveClientInformation({ client_id: "given", client_secret: SECRET, issuer: EVIL })
  await provider.saveTokens({ access_token: "a", token_type: "Bearer", issuer: EVIL })
  await provider.close()
  expect(written).toHaveLength(1)
  expect(written.join("\n")).not.toContain(SECRET)
})

test("a secret that the server gave with a registration is kept, for it is the program's only one", async () => {
  const { world, ...options } = stackOf()
  const evil = world.servers.get(EVIL)!
  world.servers.set(EVIL, (request) =>
    request.url.endsWith("/register")
      ? json({ client_id: "app", client_secret: "of-the-server", client_secret_expires_at: 0 }, 201)
      : evil(request),
  )
  const { tokenStorage } = watched()
  await OAuth({ ...options, tokenStorage }).authFlow()
  expect(await tokenStorage.getClientInfo()).toMatchObject({ client: { client_secret: "of-the-server" }, issuer: EVIL })
})

test("who was lately taken is not asked about again; who was stored long ago is, before a browser opens", async () => {
  const { world, options, clock } = await makeStack()
  const tokenStorage = TokenStorageAdapter(memoryKeyValue(), MCP_URL)
  const asked = () => world.to(ISSUER, "/authorize").filter(({ query }) => !query.has("response_type")).length
  const oauth = OAuth({ ...options, tokenStorage })
  await oauth.authFlow()
  expect(asked()).toBe(0)
  clock.pass(299)
  await oauth.authFlow()
  expect(asked()).toBe(0)
  clock.pass(300)
  await oauth.authFlow()
  expect(asked()).toBe(1)
  await OAuth({ ...options, tokenStorage }).authFlow()
  expect(asked()).toBe(2)
})

const redirectUrisOf = (requests: ReadonlyArray<{ readonly body: string }>) =>
  requests.map(({ body }) => new URLSearchParams(body).get("redirect_uri"))

test("a registration is kept at once, and the next login comes back to the address it was made for", async () => {
  for (const way of ["flow", "steps"] as const) {
    const { world, options } = await makeStack()
    const tokenStorage = memoryStorage()
    const denied = new Error("the browser is broken")
    const failing = OAuth({ ...options, tokenStorage, openBrowser: () => Promise.reject(denied) })
    const begun =
      way === "flow" ? failing.authFlow() : failing.begin().then((one) => failing.redirectHandler(one.authorizationUrl))
    await expect(begun).rejects.toBe(denied)
    const stored = await tokenStorage.getClientInfo()
    expect(stored?.client.client_id).toBeDefined()
    if (way === "steps") continue
    await OAuth({ ...options, tokenStorage }).authFlow()
    expect(redirectUrisOf(world.to(ISSUER, "/token"))).toEqual(stored?.client.redirect_uris)
    expect(world.to(ISSUER, "/register")).toHaveLength(1)
  }
})

test("a login that fails after the browser came back tells the person there why", async () => {
  const { world, ...options } = stackOf()
  const evil = world.servers.get(EVIL)!
  world.servers.set(EVIL, (request) =>
    request.url.endsWith("/token") ? json({ error: "policy" }, 400) : evil(request),
  )
  const fault: unknown = await OAuth(options)
    .authFlow()
    .catch((error: unknown) => error)
  expect(fault).toMatchObject({ code: "request_refused" })
  const page = await world.pages[0]!
  expect(page.status).toBe(400)
  expect(page.text).toContain("did not get access: the token endpoint of")
  expect(page.text).toContain("400 policy")
})

test("of a fault of the program itself the person in the browser is told no more than that it stopped", async () => {
  const { world, ...options } = stackOf()
  const failure = new Error("the disk is full")
  const tokenStorage = { ...memoryStorage(EVIL_MCP), setTokens: () => Promise.reject(failure) }
  await expect(OAuth({ ...options, tokenStorage }).authFlow()).rejects.toBe(failure)
  const page = await world.pages[0]!
  expect(page.status).toBe(400)
  expect(page.text).toContain("did not get access: the program stopped.")
})

/** What is written for the person at the terminal. */
const terminal = () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  return () => write.mock.calls.map(([text]) => String(text)).join("")
}

/** The address that the browser would end on. */
const wayBackOf = async (world: ReturnType<typeof stackOf>["world"], url: string) =>
  (await world.servers.get(EVIL)!(new Request(url))).headers.get("location")!

test("where no browser opens the link is printed, and the address that is pasted logs in", async () => {
  const { world, ...options } = stackOf()
  const said = terminal()
  const pasteFrom = new PassThrough()
  let link = ""
  const openBrowser = async (url: string) => {
    link = url
    const back = await wayBackOf(world, url)
    setImmediate(() => pasteFrom.write(`nonsense\n${back}\n`))
    return false
  }
  const stored = await OAuth({ ...options, openBrowser, pasteFrom }).authFlow()
  expect(stored.tokens.access_token).toBe("evil")
  expect(said()).toBe(
    [
      `open this address in a browser to log in:\n\n  ${link}\n`,
      "then, if the browser is on another machine, paste the address that it ends on:",
      "that is not the address of this login: paste all of it, from http to the end\n",
    ].join("\n"),
  )
})

test("where the printed link is opened on this machine nothing has to be pasted, and nothing is read any more", async () => {
  for (const pasteFrom of [undefined, new PassThrough()]) {
    const { world, ...options } = stackOf()
    const said = terminal()
    const openBrowser = async (url: string) => {
      await world.openBrowser(url)
      return false
    }
    await OAuth({ ...options, openBrowser, ...(pasteFrom === undefined ? {} : { pasteFrom }) }).authFlow()
    expect((await world.pages[0]!).status).toBe(200)
    expect(said()).toContain("open this address")
    expect(said().includes("paste")).toBe(pasteFrom !== undefined)
    expect(pasteFrom?.isPaused()).toBe(pasteFrom === undefined ? undefined : true)
  }
})

test("a program that opens the link in its own way need not say so, and nothing is printed", async () => {
  const { world, ...options } = stackOf()
  const said = terminal()
  const openBrowser = async (url: string) => void (await world.openBrowser(url))
  await OAuth({ ...options, openBrowser }).authFlow()
  const steps = OAuth({ ...options, openBrowser })
  await steps.redirectHandler((await steps.begin()).authorizationUrl)
  await steps.callbackHandler()
  expect(said()).toBe("")
})

test("in steps, too, the link is printed where no browser opens", async () => {
  const { world, ...options } = stackOf()
  const said = terminal()
  const openBrowser = async (url: string) => {
    await world.openBrowser(url)
    return false
  }
  const steps = OAuth({ ...options, openBrowser })
  const { authorizationUrl } = await steps.begin()
  await steps.redirectHandler(authorizationUrl)
  await steps.callbackHandler()
  expect(said()).toBe(`open this address in a browser to log in:\n\n  ${authorizationUrl}\n\n`)
})

/** What nobody caught, by the time that everything has come to rest. */
const uncaught = () => {
  const seen: Array<unknown> = []
  const note = (reason: unknown) => void seen.push(reason)
  process.on("unhandledRejection", note)
  onTestFinished(() => void process.off("unhandledRejection", note))
  return seen
}

test("a login whose time is over while the browser opens is told once, to who asked", async () => {
  const seen = uncaught()
  const { world: _, ...options } = stackOf()
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  const openBrowser = async () => {
    vi.advanceTimersByTime(300_000)
    await soon()
    return true
  }
  await expect(OAuth({ ...options, openBrowser }).authFlow()).rejects.toMatchObject({ code: "timed_out" })
  await soon()
  expect(seen).toEqual([])
})

test("a step that is begun anew ends the one before, quietly, and what was not begun cannot go on", async () => {
  const seen = uncaught()
  const { world, ...options } = stackOf()
  const steps = OAuth(options)
  const message = "no login is under way, or it was answered before: call `begin`"
  await expect(steps.callbackHandler()).rejects.toMatchObject({ code: "not_started", message })
  await expect(steps.finish(["c", "s", undefined])).rejects.toMatchObject({ code: "not_started", message })
  await steps.begin()
  const { authorizationUrl, state } = await steps.begin()
  await soon()
  expect(seen).toEqual([])
  await steps.redirectHandler(authorizationUrl)
  const answer = await steps.callbackHandler()
  expect(answer).toEqual(["evil-code", state, undefined])
  const page = await world.pages[0]!
  expect(page.status).toBe(200)
  expect(page.text).toContain("Logged in")
})

test("in steps, a person whose answer does not count is told why", async () => {
  const { world, ...options } = stackOf()
  const steps = OAuth(options)
  const { authorizationUrl, redirectUri, state } = await steps.begin()
  expect(new URL(authorizationUrl).searchParams.has("scope")).toBe(false)
  const page = fetch(`${redirectUri}?${new URLSearchParams({ state, error: "access_denied" })}`)
  await expect(steps.callbackHandler()).rejects.toMatchObject({ code: "refused", error: "access_denied" })
  expect((await page).status).toBe(400)
  expect(await (await page).text()).toContain("access_denied")
  expect(world.to(EVIL, "/token")).toEqual([])
})

/** What the provider for the MCP SDK does besides what the SDK asks: it holds the lock, and believes its own discovery. */
import { setImmediate as soon } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { OAuth, OAuthClientProvider, type OAuthOptions } from "../../../src/client/index.ts"
import { DOCUMENT, EVIL } from "../support/Attacker.ts"
import { ISSUER, json, makeStack, MCP_URL, memoryStorage } from "../support/World.ts"

const start = async (more: Partial<OAuthOptions> = {}) => {
  const stack = await makeStack()
  const tokenStorage = memoryStorage()
  const opened: Array<string> = []
  const oauth = OAuth({ ...stack.options, tokenStorage, openBrowser: (url) => void opened.push(url), ...more })
  await OAuth({ ...stack.options, tokenStorage }).authFlow()
  const provider = await oauth.provider()
  onTestFinished(() => provider.close())
  return { ...stack, tokenStorage, opened, oauth, provider }
}

test("A04: a link to another server than the one that was found is not opened", async () => {
  const { provider, opened } = await start()
  for (const url of [`${EVIL}/authorize?client_id=c&state=s`, `${ISSUER}/elsewhere?client_id=c&state=s`]) {
    await expect(provider.redirectToAuthorization(new URL(url))).rejects.toMatchObject({ code: "issuer_mismatch" })
  }
  expect(opened).toEqual([])
})

test("A04: an answer of another issuer gives the SDK no code", async () => {
  const { provider } = await start()
  const { client_id } = (await provider.clientInformation())!
  const url = new URL(`${ISSUER}/authorize?state=the-state`)
  url.searchParams.set("client_id", client_id)
  url.searchParams.set("redirect_uri", provider.redirectUrl)
  await provider.redirectToAuthorization(url)
  const page = fetch(`${provider.redirectUrl}?${new URLSearchParams({ code: "c", state: "the-state", iss: EVIL })}`)
  await expect(provider.callbackHandler()).rejects.toMatchObject({ code: "issuer_mismatch" })
  expect((await page).status).toBe(400)
})

test("while the SDK refreshes nobody else does, and what it brings is what everybody has", async () => {
  const { provider, tokenStorage } = await start()
  await provider.discoveryState()
  expect(await provider.tokens()).toHaveProperty("refresh_token")
  const order: Array<string> = []
  const other = tokenStorage.exclusively(async () => void order.push("other"))
  await new Promise((resolve) => setImmediate(resolve))
  order.push("sdk")
  await provider.saveTokens({ access_token: "new", token_type: "Bearer", expires_in: 3600, issuer: ISSUER })
  await other
  expect(order).toEqual(["sdk", "other"])
  expect(await provider.tokens()).toMatchObject({ access_token: "new" })
})

test("tokens that the server called dead are dropped, those of somebody who was faster are not", async () => {
  const { provider, tokenStorage } = await start()
  const newer = { issuer: ISSUER, tokens: { access_token: "a", token_type: "Bearer", refresh_token: "newer" } }
  await provider.discoveryState()
  await provider.tokens()
  await tokenStorage.setTokens(newer)
  await provider.invalidateCredentials("tokens")
  expect(await tokenStorage.getTokens()).toEqual(newer)

  await provider.discoveryState()
  await provider.tokens()
  await provider.invalidateCredentials("tokens")
  expect(await tokenStorage.getTokens()).toBeUndefined()
  expect(await tokenStorage.getClientInfo()).toBeDefined()
})

test.each([undefined, ""])(
  "a refresh of the SDK that brings %j as refresh token leaves the old one",
  async (nothing) => {
    const { provider, tokenStorage } = await start()
    await provider.discoveryState()
    const { refresh_token: old } = (await provider.tokens())!
    const fresh = { access_token: "new", token_type: "Bearer", issuer: ISSUER }
    await provider.saveTokens({ ...fresh, ...(nothing === undefined ? {} : { refresh_token: nothing }) })
    expect((await tokenStorage.getTokens())?.tokens).toEqual({
      access_token: "new",
      token_type: "Bearer",
      refresh_token: old,
    })
    expect(old).toMatch(/^glr_/)
    // What was handed out once is no part of what comes next.
    await provider.saveTokens(fresh)
    expect((await tokenStorage.getTokens())?.tokens).toEqual({ access_token: "new", token_type: "Bearer" })
  },
)

test("the tokens of a new login of the SDK have no refresh token of the one before", async () => {
  const { provider, tokenStorage } = await start()
  await provider.discoveryState()
  await provider.tokens()
  const { client_id } = (await provider.clientInformation())!
  await provider.redirectToAuthorization(new URL(`${ISSUER}/authorize?state=the-state&client_id=${client_id}`))
  await provider.saveTokens({ access_token: "new", token_type: "Bearer", refresh_token: "", issuer: ISSUER })
  expect((await tokenStorage.getTokens())?.tokens).toEqual({ access_token: "new", token_type: "Bearer" })
})

test("a stored refresh token that is empty is not shown to the SDK", async () => {
  const { provider, tokenStorage } = await start()
  const tokens = { access_token: "a", token_type: "Bearer", refresh_token: "" }
  await tokenStorage.setTokens({ issuer: ISSUER, tokens })
  await provider.discoveryState()
  expect(await provider.tokens()).toEqual({ access_token: "a", token_type: "Bearer", issuer: ISSUER })
})

test("before a login is under way there is no verifier and no answer, and after it is given up there is none any more", async () => {
  const { provider } = await start()
  const again = { code: "not_started", message: "no login is under way: connect again" }
  expect(() => provider.codeVerifier()).toThrow(expect.objectContaining(again))
  await expect(provider.callbackHandler()).rejects.toMatchObject({
    code: "not_started",
    message: "no login is under way: connect first",
  })
  await provider.saveCodeVerifier("the-verifier")
  expect(await provider.codeVerifier()).toBe("the-verifier")
  await provider.invalidateCredentials("tokens")
  expect(await provider.codeVerifier()).toBe("the-verifier")
  await provider.invalidateCredentials("verifier")
  expect(() => provider.codeVerifier()).toThrow(expect.objectContaining(again))
})

/** The link of a login that the SDK would begin. */
const linkOf = async ({ provider }: Awaited<ReturnType<typeof start>>, state = "the-state") => {
  const { client_id } = (await provider.clientInformation())!
  const url = new URL(`${ISSUER}/authorize`)
  url.search = String(new URLSearchParams({ state, client_id, redirect_uri: provider.redirectUrl }))
  return url
}

/** The lock is free. */
const isFree = async ({ tokenStorage }: Awaited<ReturnType<typeof start>>) => {
  let isTaken = false
  const taken = tokenStorage.exclusively(async () => void (isTaken = true))
  await soon()
  return { isTaken, taken }
}

test("an answer that counts gives the SDK its code, state and issuer, and the person is told", async () => {
  const started = await start()
  const { provider, opened } = started
  for (const iss of [ISSUER, ISSUER]) {
    const url = await linkOf(started)
    await provider.redirectToAuthorization(url)
    expect(opened.at(-1)).toBe(url.href)
    const answer = new URLSearchParams({ code: "the-code", state: "the-state", iss })
    const page = fetch(`${provider.redirectUrl}?${answer}`)
    expect(await provider.callbackHandler()).toEqual(["the-code", "the-state", ISSUER])
    expect((await page).status).toBe(200)
    expect(await (await page).text()).toContain("Logged in")
    // It was for this once; the next login listens at the same address again.
    await expect(fetch(provider.redirectUrl)).rejects.toThrow()
    await expect(provider.callbackHandler()).rejects.toMatchObject({ code: "not_started" })
  }
})

test("a person whose answer does not count is told why, and the SDK too", async () => {
  const started = await start()
  const { provider } = started
  await provider.redirectToAuthorization(await linkOf(started))
  const answer = new URLSearchParams({ error: "access_denied", state: "the-state", iss: ISSUER })
  const page = fetch(`${provider.redirectUrl}?${answer}`)
  const fault: unknown = await provider.callbackHandler().catch((error: unknown) => error)
  expect(fault).toMatchObject({ code: "refused", error: "access_denied" })
  const text = await (await page).text()
  expect(text).toMatch(/did not get access: [^.]*access_denied/)
  await expect(fetch(provider.redirectUrl)).rejects.toThrow()
})

test("a link without a client or a state is not opened, and it is said where it would have led", async () => {
  const started = await start()
  const { provider, opened } = started
  for (const missing of ["client_id", "state"]) {
    const url = await linkOf(started)
    url.searchParams.delete(missing)
    await expect(provider.redirectToAuthorization(url)).rejects.toMatchObject({
      _tag: "AuthorizationError",
      code: "issuer_mismatch",
      message: `the link to \`${ISSUER}\` is not one to \`${ISSUER}/authorize\`: it was not opened`,
    })
  }
  expect(opened).toEqual([])
})

test("a registration of the SDK is kept for its issuer, for the one at hand where it names none", async () => {
  for (const issuer of [{}, { issuer: ISSUER }]) {
    const { provider, tokenStorage } = await start()
    await provider.saveClientInformation({ client_id: "new", ...issuer })
    expect(await tokenStorage.getClientInfo()).toEqual({ client: { client_id: "new" }, issuer: ISSUER })
  }
})

test("tokens of the SDK are kept for the issuer at hand where it names none", async () => {
  const { provider, tokenStorage } = await start()
  await provider.saveTokens({ access_token: "new", token_type: "Bearer" })
  expect(await tokenStorage.getTokens()).toEqual({
    tokens: { access_token: "new", token_type: "Bearer" },
    issuer: ISSUER,
  })
})

test("the address of the metadata document is given to the SDK where there is one", async () => {
  expect((await start()).provider).not.toHaveProperty("clientMetadataUrl")
  expect((await start({ clientMetadataUrl: DOCUMENT })).provider.clientMetadataUrl).toBe(DOCUMENT)
})

test("outside of an authentication the SDK gets tokens that are fresh, without the refresh token", async () => {
  const { provider, clock, world, tokenStorage } = await start()
  clock.pass(3600)
  const before = (await tokenStorage.getTokens())!.tokens.access_token
  const tokens = (await provider.tokens())!
  expect(tokens).not.toHaveProperty("refresh_token")
  expect(tokens.access_token).not.toBe(before)
  expect(world.to(ISSUER, "/token")).toHaveLength(2)
  await tokenStorage.clear()
  expect(await provider.tokens()).toBeUndefined()
})

test("one that has no tokens to show keeps nobody from logging in", async () => {
  const started = await start()
  await started.tokenStorage.clear()
  await started.provider.discoveryState()
  expect(await started.provider.tokens()).toBeUndefined()
  expect((await isFree(started)).isTaken).toBe(true)
})

type Step = (started: Awaited<ReturnType<typeof start>>) => unknown

const saved = { access_token: "new", token_type: "Bearer", expires_in: 3600, issuer: ISSUER } as const

test.each<readonly [string, Step]>([
  ["saves tokens", ({ provider }) => provider.saveTokens(saved)],
  ["sends the user away", async (started) => started.provider.redirectToAuthorization(await linkOf(started))],
  ["forgets credentials", ({ provider }) => provider.invalidateCredentials("verifier")],
])("an SDK that %s is done with the refresh token and the lock", async (_, step) => {
  const started = await start()
  await started.provider.discoveryState()
  expect(await started.provider.tokens()).toHaveProperty("refresh_token")
  const held = await isFree(started)
  expect(held.isTaken).toBe(false)
  await step(started)
  await held.taken
  expect(await started.provider.tokens()).not.toHaveProperty("refresh_token")
})

test.each<readonly [string, Step]>([
  ["saved tokens", ({ provider }) => provider.saveTokens(saved)],
  ["sent the user away", async (started) => started.provider.redirectToAuthorization(await linkOf(started))],
  ["forgot credentials", ({ provider }) => provider.invalidateCredentials("verifier")],
])("an SDK that %s authenticates no more, though it never asked for tokens", async (_, step) => {
  const started = await start()
  await started.provider.discoveryState()
  await step(started)
  expect(await started.provider.tokens()).not.toHaveProperty("refresh_token")
})

test("a provider that is closed gives back the lock", async () => {
  const started = await start()
  await started.provider.discoveryState()
  await started.provider.tokens()
  await started.provider.close()
  expect((await isFree(started)).isTaken).toBe(true)
})

const verifierOf = ({ codeVerifier }: { readonly codeVerifier: () => string }): string => {
  try {
    return codeVerifier() === "the-verifier" ? "verifier" : "another"
  } catch {
    return ""
  }
}

test("what the SDK calls wrong is forgotten, and nothing else", async () => {
  const kept = async (part: "all" | "client" | "tokens" | "verifier" | "discovery", isHandedOut: boolean) => {
    const { provider, tokenStorage, world } = await start()
    provider.saveCodeVerifier("the-verifier")
    await provider.discoveryState()
    if (isHandedOut) await provider.tokens()
    await provider.invalidateCredentials(part)
    const [client, tokens] = [await tokenStorage.getClientInfo(), await tokenStorage.getTokens()]
    const before = world.sent.length
    await provider.clientInformation()
    return [
      client === undefined ? "" : "client",
      tokens === undefined ? "" : "tokens",
      verifierOf(provider),
      world.sent.length === before ? "discovery" : "",
    ].filter((one) => one !== "")
  }
  for (const isHandedOut of [false, true]) {
    expect(await kept("all", isHandedOut)).toEqual([])
    // Credentials are of one client: its tokens are of no use to another.
    expect(await kept("client", isHandedOut)).toEqual(["verifier", "discovery"])
    expect(await kept("discovery", isHandedOut)).toEqual(["client", "tokens", "verifier"])
  }
  expect(await kept("verifier", true)).toEqual(["client", "tokens", "discovery"])
  expect(await kept("tokens", true)).toEqual(["client", "verifier", "discovery"])
  // Which tokens it means is not known where it was shown none.
  expect(await kept("tokens", false)).toEqual(["client", "tokens", "verifier", "discovery"])
})

test("a connection asks the servers anew who they are, unless a login is under way", async () => {
  const { provider, world } = await start()
  const askedBy = async (step: () => unknown) => {
    const before = world.sent.length
    await step()
    return world.sent.length - before
  }
  expect(await askedBy(() => provider.discoveryState())).toBeGreaterThan(0)
  expect(await askedBy(() => provider.discoveryState())).toBeGreaterThan(0)
  expect(await askedBy(() => provider.clientInformation())).toBe(0)
  provider.saveCodeVerifier("v")
  expect(await askedBy(() => provider.discoveryState())).toBe(0)
  await provider.saveTokens(saved)
  expect(await askedBy(() => provider.discoveryState())).toBeGreaterThan(0)
})

test("a client that is not known is not given to the SDK, and why it could not register is said", async () => {
  const { provider, tokenStorage, world } = await start()
  await tokenStorage.clear()
  expect(await provider.clientInformation()).toBeUndefined()
  const honest = world.servers.get(ISSUER)!
  world.servers.set(ISSUER, async (request) => {
    const answer = await honest(request)
    if (!request.url.includes("/.well-known/")) return answer
    const metadata = (await answer.json()) as Record<string, unknown>
    return json({ ...metadata, registration_endpoint: `${EVIL}/register` })
  })
  await provider.discoveryState()
  await expect(provider.clientInformation()).rejects.toMatchObject({ code: "endpoint_foreign" })
})

test("of several servers the one that credentials are at hand of is found, by its tokens first", async () => {
  const { provider, tokenStorage, world } = await start()
  const resource = new URL(MCP_URL).origin
  const honest = world.servers.get(resource)!
  const other = "http://localhost:4001"
  world.servers.set(resource, (request) =>
    request.url.includes("/.well-known/")
      ? json({ resource: MCP_URL, authorization_servers: [other, ISSUER] })
      : honest(request),
  )
  const found = async () => (await provider.discoveryState()).authorizationServerUrl
  expect(await found()).toBe(ISSUER)
  const client = (await tokenStorage.getClientInfo())!
  await tokenStorage.setClientInfo({ ...client, issuer: other })
  expect(await found()).toBe(ISSUER)
  await tokenStorage.clear()
  await tokenStorage.setClientInfo(client)
  expect(await found()).toBe(ISSUER)
})

test("an SDK that begins an authentication anew waits for nobody but others", async () => {
  const started = await start()
  for (let turn = 0; turn < 2; turn++) {
    await started.provider.discoveryState()
    expect(await started.provider.tokens()).toHaveProperty("refresh_token")
  }
  const held = await isFree(started)
  expect(held.isTaken).toBe(false)
  await started.provider.close()
  await held.taken
})

test("in one authentication the SDK is shown the refresh token once", async () => {
  const { provider } = await start()
  await provider.discoveryState()
  expect(await provider.tokens()).toHaveProperty("refresh_token")
  expect(await provider.tokens()).not.toHaveProperty("refresh_token")
})

test("tokens that the SDK was not shown are not forgotten, also where they cannot be renewed", async () => {
  const { provider, tokenStorage } = await start()
  const held = { tokens: { access_token: "a", token_type: "Bearer" }, issuer: ISSUER }
  await tokenStorage.setTokens(held)
  await provider.invalidateCredentials("tokens")
  expect(await tokenStorage.getTokens()).toEqual(held)
})

test("a provider that is closed has no login under way any more", async () => {
  const started = await start()
  await started.provider.redirectToAuthorization(await linkOf(started))
  await started.provider.close()
  await expect(started.provider.callbackHandler()).rejects.toMatchObject({ code: "not_started" })
})

test("a lock that was given back leaves no timer behind", async () => {
  const { provider } = await start()
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
  await provider.discoveryState()
  await provider.tokens()
  expect(vi.getTimerCount()).toBe(1)
  await provider.saveTokens(saved)
  expect(vi.getTimerCount()).toBe(0)
})

test("the provider is also made at once, without a client around it", async () => {
  const { options } = await makeStack()
  const provider = await OAuthClientProvider(options)
  onTestFinished(() => provider.close())
  expect(provider.redirectUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
})

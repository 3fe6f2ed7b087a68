/**
 * Tokens that are kept alive: who is asked and who is not, what a lost reply is worth, and what stays when the server
 * says no. There is no browser here: what was stored is all there is.
 */
import { expect, onTestFinished, test, vi } from "vitest"
import { OAuth, type StoredTokens, type TokenStorage } from "../../../src/client/index.ts"
import { ISSUER, json, makeWorld, MCP_URL, memoryStorage, type Server } from "../support/World.ts"
import { metadataOf } from "../support/Attacker.ts"

const START = 1_900_000_000_000
const RESOURCE = new URL(MCP_URL).origin

const EXPIRED = { expiresAt: START - 1 }
/** Due, and not over. */
const DUE = { expiresAt: START + 5_000 }
const FRESH = { expiresAt: START + 3_600_000 }

interface Setting {
  readonly life?: { readonly expiresAt?: number }
  readonly refreshToken?: string | undefined
  readonly client?: { readonly client_id: string; readonly client_secret?: string } | undefined
  readonly metadata?: Record<string, unknown>
  readonly given?: { readonly clientId: string }
  readonly wrap?: (storage: TokenStorage) => TokenStorage
}

/** A client with tokens of this life, at a server that answers a refresh so. */
const holding = async (answer: Server, setting: Setting = {}) => {
  const { life = EXPIRED, metadata = {}, given = {}, wrap = (one: TokenStorage) => one } = setting
  const refreshToken = "refreshToken" in setting ? setting.refreshToken : "r0"
  const client = "client" in setting ? setting.client : { client_id: "app" }
  const world = makeWorld()
  let millis = START
  world.servers.set(ISSUER, (request) => {
    if (request.url.includes("/.well-known/")) return json(metadataOf(ISSUER, metadata))
    return request.url.endsWith("/token") ? answer(request) : json({}, 404)
  })
  world.servers.set(RESOURCE, (request) => {
    if (request.url.includes("/.well-known/")) return json({ resource: MCP_URL, authorization_servers: [ISSUER] })
    return new Response(null, { status: 401 })
  })
  const storage = memoryStorage()
  const tokens = { access_token: "a0", token_type: "Bearer", expires_in: 3600 }
  const held: StoredTokens = {
    tokens: { ...tokens, ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }) },
    issuer: ISSUER,
    ...life,
  }
  await storage.setTokens(held)
  if (client !== undefined) await storage.setClientInfo({ client, issuer: ISSUER })
  const oauth = OAuth({
    mcpUrl: MCP_URL,
    fetch: world.fetch,
    now: () => millis,
    openBrowser: () => Promise.reject(new Error("nobody is to be asked")),
    tokenStorage: wrap(storage),
    ...given,
  })
  const asked = () => world.to(ISSUER, "/token").length
  return { world, storage, held, oauth, asked, pass: (more: number) => void (millis += more) }
}

const renewed = () => json({ access_token: "a1", token_type: "Bearer", expires_in: 3600, refresh_token: "r1" })
const refused =
  (error: string, status = 400) =>
  () =>
    json({ error }, status)

/** Counts how often the lock is taken. */
const counting = () => {
  let count = 0
  const wrap = (storage: TokenStorage): TokenStorage => ({
    ...storage,
    exclusively: (body) => {
      count++
      return storage.exclusively(body)
    },
  })
  return { wrap, count: () => count }
}

test("a good token is handed out, and one that cannot be renewed given up, without asking anybody", async () => {
  for (const [setting, token] of [
    [{ life: FRESH }, "a0"],
    [{ life: {} }, "a0"],
    [{ life: DUE, refreshToken: undefined }, "a0"],
    [{ life: EXPIRED, refreshToken: undefined }, undefined],
  ] as const) {
    const { wrap, count } = counting()
    const { world, oauth } = await holding(renewed, { ...setting, wrap })
    expect(await oauth.token()).toBe(token)
    expect([world.sent.length, count()]).toEqual([0, 0])
  }
})

test("a token that is due is renewed at its issuer, for its resource, by who it is of", async () => {
  const { world, oauth, storage } = await holding(renewed, { life: DUE })
  expect(await oauth.token()).toBe("a1")
  expect((await storage.getTokens())?.tokens).toMatchObject({ access_token: "a1", refresh_token: "r1" })
  expect(Object.fromEntries(new URLSearchParams(world.to(ISSUER, "/token")[0]!.body))).toEqual({
    grant_type: "refresh_token",
    refresh_token: "r0",
    client_id: "app",
    resource: MCP_URL,
  })
})

test("a living token is gone on with where its server cannot be found, and one that is over is not", async () => {
  for (const [life, outcome] of [
    [DUE, "a0"],
    [EXPIRED, "server_unavailable"],
  ] as const) {
    const { world, oauth } = await holding(renewed, { life })
    world.servers.clear()
    expect(await oauth.token().catch(({ code }: { readonly code: string }) => code)).toBe(outcome)
  }
})

test("what somebody else did while one waited for the lock counts", async () => {
  const cleared = (storage: TokenStorage): TokenStorage => ({
    ...storage,
    exclusively: async (body) => {
      await storage.clear()
      return storage.exclusively(body)
    },
  })
  const one = await holding(renewed, { wrap: cleared })
  expect(await one.oauth.token()).toBeUndefined()
  expect(one.asked()).toBe(0)

  const byOther = { tokens: { access_token: "theirs", token_type: "Bearer" }, issuer: ISSUER }
  const replaced = (storage: TokenStorage): TokenStorage => ({
    ...storage,
    exclusively: async (body) => {
      await storage.setTokens(byOther)
      return storage.exclusively(body)
    },
  })
  const other = await holding(renewed, { wrap: replaced })
  expect(await other.oauth.token()).toBe("theirs")
  expect(other.asked()).toBe(0)
})

test("of two that ask at once while the server is busy both are told, and the server is asked once", async () => {
  const { oauth, asked } = await holding(refused("temporarily_unavailable"))
  const outcomes = await Promise.allSettled([oauth.token(), oauth.token()])
  const busy = { status: "rejected", reason: { code: "server_unavailable", error: "temporarily_unavailable" } }
  expect(outcomes).toMatchObject([busy, busy])
  expect(asked()).toBe(1)
})

test("while the server is left alone nothing is asked and no lock is taken, and the fault is told again", async () => {
  const { wrap, count } = counting()
  const { oauth, world, pass } = await holding(refused("temporarily_unavailable"), { wrap })
  const first: unknown = await oauth.token().catch((error: unknown) => error)
  const before = [world.sent.length, count()]
  await expect(oauth.token()).rejects.toMatchObject({
    code: "server_unavailable",
    error: "temporarily_unavailable",
    message: `${(first as Error).message} (not asked again yet)`,
  })
  expect([world.sent.length, count()]).toEqual(before)
  pass(1_000)
  await expect(oauth.token()).rejects.toMatchObject({ message: (first as Error).message })
})

test("an answer that cannot be used is told when the token is over, and not while it lives", async () => {
  const over = await holding(() => json({}))
  await expect(over.oauth.token()).rejects.toMatchObject({ code: "response_malformed" })
  expect(await over.storage.getTokens()).toEqual(over.held)
  const living = await holding(() => json({}), { life: DUE })
  expect(await living.oauth.token()).toBe("a0")
})

test("a client that is refused goes on with a living token, and is told each time that it has to log in", async () => {
  const living = await holding(refused("invalid_client", 401), { life: DUE })
  expect(await living.oauth.token()).toBe("a0")
  const { oauth, asked } = await holding(refused("invalid_client", 401))
  expect([await oauth.token(), await oauth.token()]).toEqual([undefined, undefined])
  expect(asked()).toBe(2)
})

test("tokens of a client that is not known any more are of no use", async () => {
  const { oauth, asked } = await holding(renewed, { client: undefined })
  expect(await oauth.token()).toBeUndefined()
  expect(asked()).toBe(0)
})

test("tokens that are dead are forgotten, also where nobody is registered, and where they are gone already", async () => {
  const given = await holding(refused("invalid_grant"), { client: undefined, given: { clientId: "given" } })
  expect(await given.oauth.token()).toBeUndefined()
  expect([await given.storage.getTokens(), await given.storage.getClientInfo()]).toEqual([undefined, undefined])
  const { oauth, storage } = await holding(async () => {
    await storage.clear()
    return refused("invalid_grant")()
  })
  expect(await oauth.token()).toBeUndefined()
})

test("a token that the resource rejects is not gone on with, however long it would live", async () => {
  const { oauth, storage, held } = await holding(refused("temporarily_unavailable"), { life: FRESH })
  await expect(oauth.fetch(MCP_URL)).rejects.toMatchObject({ code: "server_unavailable" })
  expect(await storage.getTokens()).toEqual(held)
})

/** Timers that end at once, and how long they were to take. */
const instantTimers = () => {
  const pauses: Array<number | undefined> = []
  const spy = vi.spyOn(globalThis, "setTimeout").mockImplementation(((then: () => void, millis?: number) => {
    pauses.push(millis)
    queueMicrotask(then)
  }) as never)
  onTestFinished(() => spy.mockRestore())
  return pauses
}

const lost = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("gone"), { code: "ECONNRESET" }) })
}

const windowOf = (publicSeconds: number, confidentialSeconds: number) => ({
  grantlog_refresh_retry_window: { public: publicSeconds, confidential: confidentialSeconds },
})

test("a reply that stays lost is asked for three times, with longer pauses, and then told", async () => {
  const pauses = instantTimers()
  const { oauth, asked } = await holding(lost, { metadata: windowOf(60, 0) })
  await expect(oauth.token()).rejects.toMatchObject({ code: "server_unavailable", isReplyLost: true })
  expect(asked()).toBe(3)
  expect(pauses).toEqual([200, 400])
})

test.each([
  ["a public client", { client_id: "app" }, windowOf(60, 0), 3],
  ["a public client", { client_id: "app" }, windowOf(0, 60), 1],
  ["a client with a secret", { client_id: "app", client_secret: "hush" }, windowOf(0, 60), 3],
  ["a client with a secret", { client_id: "app", client_secret: "hush" }, windowOf(60, 0), 1],
] as const)("of %s the window of its kind counts: %#", async (_, client, metadata, count) => {
  instantTimers()
  const { oauth, asked } = await holding(lost, { client, metadata })
  await expect(oauth.token()).rejects.toMatchObject({ code: "server_unavailable" })
  expect(asked()).toBe(count)
})

test("a reply is asked for again until the window closes, and not any more when it has", async () => {
  for (const [millis, count] of [
    [9_999, 2],
    [10_000, 1],
  ] as const) {
    instantTimers()
    const { oauth, asked, pass } = await holding(
      () => {
        pass(millis)
        return lost()
      },
      { metadata: windowOf(10, 0) },
    )
    await expect(oauth.token()).rejects.toMatchObject({ code: "server_unavailable" })
    expect(asked()).toBe(count)
  }
})

test("a window that is no number is none", async () => {
  instantTimers()
  const { oauth, asked } = await holding(lost, { metadata: { grantlog_refresh_retry_window: { public: "60" } } })
  await expect(oauth.token()).rejects.toMatchObject({ code: "server_unavailable" })
  expect(asked()).toBe(1)
})

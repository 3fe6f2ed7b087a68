/** How fast tokens are issued: per grant, and per client for its own; never at the cost of anybody else, nor of a retry. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { toOAuthProvider } from "../../../src/provider/index.ts"
import { addService, startSession, type Session } from "../../support/Session.ts"
import { factories, overMemory, overSqlite, type Factory } from "../../support/TestServer.ts"
import type { App } from "../../support/WireClient.ts"

const start = (factory: Factory, tokenRate: number | "off" = 60) => startSession(factory, { config: { tokenRate } })

const sizeOf = async ({ store }: Session): Promise<number> => (await Effect.runPromise(store.head)).size

/** Refreshes as often as the pace lets it at once; gives the token that is left, and the one spent last. */
const exhaust = async ({ wire }: Session, app: App, refresh: string, count: number) => {
  let [spent, current] = ["", refresh]
  for (let done = 0; done < count; done++) [spent, current] = [current, (await wire.refreshed(app, current)).refresh]
  return { spent, current }
}

test.each(factories)(
  "a grant gets 60 tokens a minute, then 429 with Retry-After, and is none the worse for it, through $name",
  async (factory) => {
    const session = await start(factory)
    const { wire, clock, app } = session
    const { refresh } = await wire.login(app)
    const { current } = await exhaust(session, app, refresh, 59)
    const size = await sizeOf(session)
    for (let tries = 0; tries < 5; tries++) {
      const { status, headers, body } = await wire.refresh(app, current)
      expect([status, body.error, headers.get("retry-after")]).toEqual([429, "temporarily_unavailable", "1"])
      expect(body.error_description).toMatch(/^[a-z][^.]*$/)
    }
    expect(await sizeOf(session)).toBe(size)
    clock.pass(1)
    const next = await wire.refreshed(app, current)
    expect((await wire.refresh(app, next.refresh)).status).toBe(429)
    clock.pass(60)
    await exhaust(session, app, next.refresh, 60)
  },
)

test.each([overMemory, overSqlite])(
  "one grant never waits for another, of the same client or not, $name",
  async (factory) => {
    const session = await start(factory, 3)
    const { wire, app } = session
    const first = await wire.login(app)
    const { current } = await exhaust(session, app, first.refresh, 2)
    expect((await wire.refresh(app, current)).status).toBe(429)
    for (const other of [app, await wire.newApp()]) await exhaust(session, other, (await wire.login(other)).refresh, 2)
    expect((await wire.refresh(app, current)).status).toBe(429)
  },
)

test.each(factories)("no limit turns the retry of a lost reply into a reuse, through $name", async (factory) => {
  const session = await start(factory, 3)
  const { wire, app } = session
  const { refresh } = await wire.login(app)
  const { spent, current } = await exhaust(session, app, refresh, 2)
  // The reply was lost and the limit is reached: the same answer, as often as it is asked for.
  for (let tries = 0; tries < 12; tries++) expect((await wire.refreshed(app, spent)).refresh).toBe(current)
  const narrower = await wire.refresh(app, spent, { scope: "read" })
  expect(narrower.status).toBe(200)
  // A refresh that was refused for the limit spent nothing: the token before it is still one whose reply may be lost.
  expect((await wire.refresh(app, current)).status).toBe(429)
  expect((await wire.refreshed(app, spent)).refresh).toBe(current)
  session.clock.pass(20)
  expect((await wire.refresh(app, current)).status).toBe(200)
})

test.each([overMemory, overSqlite])(
  "of refreshes that come at once only the one that is appended is counted, $name",
  async (factory) => {
    const session = await start(factory, 12)
    const { wire, app } = session
    let { refresh } = await wire.login(app)
    for (let round = 0; round < 4; round++) {
      const answers = await Promise.all(Array.from({ length: 6 }, () => wire.refresh(app, refresh)))
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200])
      refresh = answers[0]!.body.refresh_token!
    }
    await exhaust(session, app, refresh, 7)
  },
)

test("who proves nothing charges nothing to the grant", async () => {
  const session = await start(overMemory, 2)
  const { wire } = session
  const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
  const stranger = await wire.newApp()
  const approval = await wire.approved(app)
  const wrong = { ...app, clientSecret: "w".repeat(43) }
  for (let tries = 0; tries < 10; tries++) {
    await wire.redeem(wrong, approval)
    await wire.redeem(app, { ...approval, verifier: "v".repeat(43) })
    await wire.redeem({ ...stranger }, approval)
  }
  const { body } = await wire.redeem(app, approval)
  for (let tries = 0; tries < 10; tries++) {
    await wire.refresh(wrong, body.refresh_token!)
    await wire.refresh(stranger, body.refresh_token!)
    await wire.refresh(app, body.refresh_token!, { scope: "admin" })
  }
  expect((await wire.refresh(app, body.refresh_token!)).status).toBe(200)
})

test("a client gets ten times as many for itself, and no other waits for it", async () => {
  const session = await start(overMemory)
  const { wire, native, clock } = session
  const [service, other] = [await addService({ native }), await addService({ native })]
  const ask = async (app: App) => (await wire.token(app, { grant_type: "client_credentials" })).status
  for (let count = 0; count < 600; count++) expect(await ask(service)).toBe(200)
  const size = await sizeOf(session)
  expect([await ask(service), await ask({ ...service, clientSecret: "wrong" }), await ask(other)]).toEqual([
    429, 401, 200,
  ])
  expect((await sizeOf(session)) - size).toBe(2)
  clock.pass(0.1)
  expect([await ask(service), await ask(service)]).toEqual([200, 429])
})

test("in process the failure is of a type of its own, and the ten methods reject with it", async () => {
  const session = await start(overMemory, 1)
  const { wire, native, app } = session
  const { refresh } = await wire.login(app)
  const credentials = { clientId: app.clientId }
  const limited = { _tag: "RateLimited", retryAfterSeconds: 60 }
  expect(await Effect.runPromise(Effect.flip(native.refresh({ credentials, refreshToken: refresh })))).toMatchObject(
    limited,
  )
  const provider = toOAuthProvider(native)
  const client = (await provider.getClient(app.clientId))!
  const record = (await provider.loadRefreshToken(client, refresh))!
  await expect(provider.exchangeRefreshToken(client, record, [])).rejects.toMatchObject(limited)
})

test("the limit is off where the operator says so", async () => {
  const session = await start(overMemory, "off")
  const { wire, app } = session
  const { current } = await exhaust(session, app, (await wire.login(app)).refresh, 100)
  expect((await wire.refresh(app, current)).status).toBe(200)
})

/** As long as may be carried through login, and all of it stands in the log with every token. */
const LONG = Array.from({ length: 4 }, (_, index) => `https://rs.example/${index}/`.padEnd(2000, "x"))

test.each([overMemory, overSqlite])(
  "a token for many long resources counts as so many more, $name",
  async (factory) => {
    const session = await start(factory)
    const { wire, app } = session
    const long = await wire.login(app, { resource: LONG })
    await exhaust(session, app, long.refresh, 7)
    const { current } = await exhaust(session, app, (await wire.login(app)).refresh, 59)
    expect((await wire.refresh(app, current)).status).toBe(429)
  },
)

test("what a grant adds in a minute is bounded, however long its resources and whatever subsets it retries", async () => {
  const session = await start(overMemory)
  const { wire, app, clock, store } = session
  let { refresh } = await wire.login(app, { resource: LONG })
  const { size } = await Effect.runPromise(store.head)
  for (let minute = 0; minute < 2; minute++) {
    for (let isRefused = false; !isRefused;) {
      const { status, body } = await wire.refresh(app, refresh)
      isRefused = status === 429
      // The reply was lost: whatever is asked for now, nobody is refused for the limit.
      for (const resource of isRefused ? [] : LONG) {
        expect((await wire.refresh(app, refresh, { resource })).status).toBe(200)
      }
      refresh = body.refresh_token ?? refresh
    }
    clock.pass(60)
  }
  const entries = await Effect.runPromise(store.readStored(size, 10_000))
  const characters = entries.reduce((sum, { bytes }) => sum + bytes.length, 0)
  expect(characters).toBeLessThan(3 * (20_000_000 / 60))
})

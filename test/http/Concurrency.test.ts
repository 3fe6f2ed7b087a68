/** The rules of what happens at the same time, over HTTP and for every log: races are won once, and lost without harm. */
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, onTestFinished, test } from "vitest"
import { memoryStore, sqliteStore } from "../../src/provider/index.ts"
import { pausableLog } from "../support/PausableLog.ts"
import { newSchema } from "../log/postgres/Schemas.ts"
import { openPostgresStore, overPostgres } from "../support/OverPostgres.ts"
import { startSession } from "../support/Session.ts"
import { overAdapter, overMemory, overSqlite, serverOver, temporaryFolder } from "../support/TestServer.ts"
import { overPages, ways } from "../support/ThroughPages.ts"
import { RESOURCE, isPage, type Answer } from "../support/WireClient.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

const ROUNDS = 12
const CALLERS = 8

const together = <A>(call: (caller: number) => Promise<A>): Promise<ReadonlyArray<A>> =>
  Promise.all(Array.from({ length: CALLERS }, (_, caller) => call(caller)))

const countOf = (answers: ReadonlyArray<Answer>, status: number, error?: string): number =>
  answers.filter((answer) => answer.status === status && answer.body.error === error).length

describe.each([overMemory, overSqlite, ...overPostgres, overAdapter, overPages])("$name", (factory) => {
  //= OAUTH21-4.1.3-code-single-use
  //= A13
  test("of eight redemptions of a code one gets tokens, the others end the grant", async () => {
    const { wire, app, watcher } = await startSession(factory)
    for (let round = 0; round < ROUNDS; round++) {
      const approval = await wire.approved(app, { resource: RESOURCE })
      const answers = await together(() => wire.redeem(app, approval))
      expect(countOf(answers, 200)).toBe(1)
      expect(countOf(answers, 400, "invalid_grant")).toBe(CALLERS - 1)
      const { body } = answers.find(({ status }) => status === 200)!
      expect(await wire.isActive(watcher, body.access_token!)).toBe(false)
      expect((await wire.refresh(app, body.refresh_token!)).status).toBe(400)
    }
  })

  //= FAPI2-5.3.2-rotation-safe
  //= A17
  test("of eight refreshes of a token all get the one successor, and nobody loses the session", async () => {
    const { wire, app, watcher } = await startSession(factory)
    let { refresh } = await wire.login(app, { resource: RESOURCE })
    for (let round = 0; round < ROUNDS; round++) {
      const presented = refresh
      const answers = await together(() => wire.refresh(app, presented))
      expect(countOf(answers, 200)).toBe(CALLERS)
      expect(new Set(answers.map(({ text }) => text)).size).toBe(1)
      const { body } = answers[0]!
      expect(await wire.isActive(watcher, body.access_token!)).toBe(true)
      refresh = body.refresh_token!
    }
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  //= RFC7009-2.1-cascade
  //= A48
  test("once a revocation is acknowledged nothing is active, whoever won against the refreshes", async () => {
    const { wire, app, watcher } = await startSession(factory)
    for (let round = 0; round < ROUNDS; round++) {
      const { access, refresh } = await wire.login(app, { resource: RESOURCE })
      const answers = await together((caller) =>
        caller === round % CALLERS ? wire.revoke(app, refresh) : wire.refresh(app, refresh),
      )
      expect(answers[round % CALLERS]!.status).toBe(200)
      const tokens = answers.flatMap(({ body }) => body.access_token ?? [])
      for (const token of [access, ...tokens]) expect(await wire.isActive(watcher, token)).toBe(false)
      for (const token of [refresh, ...answers.flatMap(({ body }) => body.refresh_token ?? [])]) {
        expect((await wire.refresh(app, token)).status).toBe(400)
      }
    }
  })
})

/** Two connections to what is one log. */
const pairs: Readonly<Record<string, () => readonly [ServerStore, ServerStore]>> = {
  memory: () => {
    const store = memoryStore()
    return [store, store]
  },
  sqlite: () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const stores = [sqliteStore(file), sqliteStore(file)] as const
    onTestFinished(async () => {
      for (const store of stores) await Effect.runPromise(store.close)
    })
    return stores
  },
  ...(overPostgres.length === 0
    ? {}
    : {
        postgres: () => {
          const schema = newSchema()
          return [openPostgresStore(schema), openPostgresStore(schema)]
        },
      }),
}

const pairsByWay = Object.entries(pairs).flatMap(([name, open]) => ways.map((way) => ({ name, open, way })))

describe.each(pairsByWay)("two instances over $name, $way.name", ({ open, way }) => {
  const start = async () => {
    const [first, second] = open()
    const paused = pausableLog(first)
    const session = await startSession(way, { store: paused.store })
    const { native: other } = await serverOver({ store: second, keys: session.keys, clock: session.clock })
    return { ...session, other, hold: paused.hold }
  }
  const disabled = { status: 400, body: { error: "unauthorized_client" } }

  test("a client disabled between decision and append gets no token for a code", async () => {
    const { wire, app, other, hold, store } = await start()
    const approval = await wire.approved(app)
    const { reached, release } = hold()
    const redeemed = wire.redeem(app, approval)
    await reached
    await Effect.runPromise(other.disableClient(app.clientId))
    release()
    expect(await redeemed).toMatchObject(disabled)
    const entries = await Effect.runPromise(store.readAll(0))
    expect(entries.map(({ event }) => event._tag)).not.toContain("AccessTokenIssued")
  })

  test("a client disabled between decision and append gets no token for a refresh token", async () => {
    const { wire, app, other, hold } = await start()
    const { refresh } = await wire.login(app)
    const { reached, release } = hold()
    const refreshed = wire.refresh(app, refresh)
    await reached
    await Effect.runPromise(other.disableClient(app.clientId))
    release()
    expect(await refreshed).toMatchObject(disabled)
    await Effect.runPromise(other.enableClient(app.clientId))
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  })

  test("a client disabled between decision and append gets no code", async () => {
    const { wire, app, other, hold } = await start()
    await wire.approved(app)
    const { reached, release } = hold()
    const answer = wire.authorize(app)
    await reached
    await Effect.runPromise(other.disableClient(app.clientId))
    release()
    expect((await answer).headers.get("location")).toMatch(/[?]error=unauthorized_client&/)
  })

  test("a grant revoked between decision and append gives no token", async () => {
    const { wire, app, native, other, hold } = await start()
    const { refresh } = await wire.login(app)
    const [grant] = await Effect.runPromise(native.grants({ clientId: app.clientId }))
    const { reached, release } = hold()
    const refreshed = wire.refresh(app, refresh)
    await reached
    await Effect.runPromise(other.revokeGrant((grant as { readonly grantId: string }).grantId, "operator"))
    release()
    expect(await refreshed).toMatchObject({ status: 400, body: { error: "invalid_grant" } })
  })

  test("what one instance revoked, the other does not answer active", async () => {
    const { wire, app, watcher, other } = await start()
    const { access, refresh } = await wire.login(app, { resource: RESOURCE })
    const credentials = { clientId: app.clientId }
    await Effect.runPromise(other.revokeToken({ credentials, token: refresh }))
    expect(await wire.isActive(watcher, access)).toBe(false)
  })

  test("two instances with one ring give one successor", async () => {
    const { wire, app, other } = await start()
    let { refresh: refreshToken } = await wire.login(app)
    for (let round = 0; round < ROUNDS; round++) {
      const presented = refreshToken
      const [overWire, direct] = await Promise.all([
        wire.refreshed(app, presented),
        Effect.runPromise(other.refresh({ credentials: { clientId: app.clientId }, refreshToken: presented })),
      ])
      expect([direct.access_token, direct.refresh_token]).toEqual([overWire.access, overWire.refresh])
      refreshToken = overWire.refresh
    }
  })
})

describe.each([overMemory, overSqlite, ...overPostgres, overPages])("a clock that steps back, $name", (factory) => {
  //= A49
  test("revives nothing that has ended", async () => {
    const { wire, app, watcher, clock } = await startSession(factory)
    const ended = await wire.login(app, { resource: RESOURCE })
    clock.pass(3600)
    const alive = await wire.login(app, { resource: RESOURCE })
    clock.step(-7200)
    expect(await wire.isActive(watcher, ended.access)).toBe(false)
    expect(await wire.isActive(watcher, alive.access)).toBe(true)
    clock.pass(3600)
    expect(await wire.isActive(watcher, alive.access)).toBe(false)
  })

  test("answers what would be appended with 503 and Retry-After, tells the operator why, and refuses as ever", async () => {
    const told: Array<string> = []
    const endpoints = { onUnavailable: (sentence: string) => told.push(sentence) }
    const { wire, app, clock } = await startSession(factory, { endpoints })
    const { refresh } = await wire.login(app)
    const approval = await wire.approved(app)
    clock.step(-7200)
    for (const answer of [
      await wire.refresh(app, refresh),
      await wire.redeem(app, approval),
      await wire.authorize(app),
    ]) {
      expect(answer.status).toBe(503)
      expect(answer.text).toMatch(isPage(answer) ? /Try again/ : /"temporarily_unavailable"/)
      expect(told.pop()).toMatch(/clock (?:jumped by -|is )7200000 ms.*: set it right/)
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0)
    }
    expect((await wire.refresh(app, "unknown")).body.error).toBe("invalid_grant")
    expect((await wire.get("/healthz")).status).toBe(200)
    clock.step(7200)
    expect((await wire.refresh(app, refresh)).status).toBe(200)
    expect((await wire.redeem(app, approval)).status).toBe(200)
  })
})

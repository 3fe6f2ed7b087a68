/** Registrations that led nowhere make room for others; only an approval counts as use, and what was approved is kept. */
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { expect, onTestFinished, test } from "vitest"
import { migrations } from "../../src/log/sql/Migrations.ts"
import { memoryStore, sqliteStore } from "../../src/provider/index.ts"
import { startSession, type Session } from "../support/Session.ts"
import { openSqlite, overAdapter, overMemory, overSqlite, temporaryFolder } from "../support/TestServer.ts"
import type { App } from "../support/WireClient.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

const run = Effect.runPromise
const DAY_SECONDS = 86_400
const REQUEST_SECONDS = 600

const itself = {
  redirect_uris: ["http://127.0.0.1/callback"],
  grant_types: ["authorization_code", "refresh_token", "client_credentials"],
  token_endpoint_auth_method: "client_secret_basic",
}
const everyGrant = ["authorization_code", "refresh_token", "client_credentials"] as const

const isThere = async ({ native }: Session, { clientId }: App): Promise<boolean> =>
  (await run(native.client(clientId))) !== undefined

test.each([overMemory, overSqlite])(
  "a registration that nobody approved for a day is deleted when another comes, and its room is free; $name",
  async (factory) => {
    const session = await startSession(factory, { config: { maxDynamicClients: 3 } })
    const { wire, clock } = session
    const used = await wire.newApp()
    await wire.login(used)
    clock.pass(DAY_SECONDS - 1)
    const unused = await wire.newApp()
    clock.pass(1)
    expect(await isThere(session, session.app)).toBe(true)
    const young = await wire.newApp()
    expect(await isThere(session, session.app)).toBe(false)
    expect([await isThere(session, unused), await isThere(session, young)]).toEqual([true, true])
    clock.pass(DAY_SECONDS)
    await wire.newApp()
    expect((await wire.authorize(unused)).status).toBe(400)
    expect((await wire.authorize(used)).status).toBe(303)
  },
)

test.each([overMemory, overSqlite, overAdapter])(
  "when the quota is full, the oldest that nobody ever approved gives way once no request of it can be under way; $name",
  async (factory) => {
    const session = await startSession(factory, { config: { maxDynamicClients: 3 } })
    const { wire, clock, app: first } = session
    clock.pass(1)
    const second = await wire.newApp()
    const used = await wire.newApp()
    await wire.login(used)
    const full = await wire.register(itself)
    expect(full.body.error).toBe("access_denied")
    clock.pass(REQUEST_SECONDS - 2)
    expect((await wire.register(itself)).body.error).toBe("access_denied")
    clock.pass(1)
    const third = await wire.newApp()
    expect(await isThere(session, first)).toBe(false)
    expect([await isThere(session, second), await isThere(session, used), await isThere(session, third)]).toEqual([
      true,
      true,
      true,
    ])
    expect((await wire.register(itself)).body.error).toBe("access_denied")
    expect(await isThere(session, second)).toBe(true)
  },
)

test.each([overMemory, overSqlite])(
  "a full quota of clients that were all approved stays full, $name",
  async (factory) => {
    const { wire, clock, app } = await startSession(factory, { config: { maxDynamicClients: 1 } })
    await wire.login(app)
    clock.pass(2 * DAY_SECONDS)
    expect(await wire.register(itself)).toMatchObject({ status: 403, body: { error: "access_denied" } })
    expect((await wire.authorize(app)).status).toBe(303)
  },
)

test.each([overMemory, overSqlite])(
  "a token that a client got for itself does not count as use, a code that somebody approved does, $name",
  async (factory) => {
    const config = { maxDynamicClients: 3, registrationGrants: everyGrant }
    const session = await startSession(factory, { config })
    const { wire, clock } = session
    const [robot, approved] = [await wire.newApp(itself), await wire.newApp(itself)]
    expect((await wire.token(robot, { grant_type: "client_credentials" })).status).toBe(200)
    await wire.approved(approved)
    clock.pass(REQUEST_SECONDS)
    // Two give way, one with each that comes; then only what was approved, and what is young, is left.
    for (let count = 0; count < 2; count++) await wire.newApp()
    expect([await isThere(session, robot), await isThere(session, session.app)]).toEqual([false, false])
    expect(await isThere(session, approved)).toBe(true)
    expect((await wire.register(itself)).status).toBe(403)
  },
)

/** A store in which, just before a client is deleted, something else is committed. */
const overtaken = (store: ServerStore, before: () => Effect.Effect<void>): ServerStore => ({
  ...store,
  append: (append) =>
    append.events.some(({ event }) => event._tag === "ClientDeleted")
      ? Effect.andThen(before(), store.append(append))
      : store.append(append),
})

test.each([
  ["memory", memoryStore, { maxDynamicClients: 1 }, REQUEST_SECONDS],
  ["sqlite", openSqlite, { maxDynamicClients: 1 }, REQUEST_SECONDS],
  ["memory, after a day", memoryStore, {}, DAY_SECONDS],
  ["sqlite, after a day", openSqlite, {}, DAY_SECONDS],
])("an approval that is committed before the deletion wins, over %s", async (_, open, config, seconds) => {
  let approve = Effect.void
  const session = await startSession(overMemory, { store: overtaken(open(), () => approve), config })
  const { wire, clock, app } = session
  clock.pass(seconds)
  let access = ""
  approve = Effect.promise(async () => {
    approve = Effect.void
    access = (await wire.login(app)).access
  })
  await wire.register(itself)
  expect(access).not.toBe("")
  expect(await isThere(session, app)).toBe(true)
  expect(await run(session.native.verify(access))).toMatchObject({ clientId: app.clientId })
  clock.pass(2 * DAY_SECONDS)
  await wire.register(itself)
  expect(await isThere(session, app)).toBe(true)
})

test.each([overMemory, overSqlite])("rows say after a rebuild what they said before, $name", async (factory) => {
  const { wire, store } = await startSession(factory, { config: { registrationGrants: everyGrant } })
  const robot = await wire.newApp(itself)
  await wire.token(robot, { grant_type: "client_credentials" })
  await wire.login(robot)
  await wire.token(await wire.newApp(itself), { grant_type: "client_credentials" })
  expect(await run(store.rebuild())).toMatchObject({ differingRowCount: 0 })
})

test("a file from before, in which a client's own token counted as use, is put right when it is opened", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const first = sqliteStore(file)
  const session = await startSession(overMemory, { store: first, config: { registrationGrants: everyGrant } })
  const robot = await session.wire.newApp(itself)
  await session.wire.token(robot, { grant_type: "client_credentials" })
  await run(first.close)

  const raw = new DatabaseSync(file)
  const sinceOf = (database: DatabaseSync) =>
    database.prepare("SELECT since FROM unused_rows WHERE client_id = ?").get(robot.clientId)?.["since"]
  const since = sinceOf(raw)
  expect(since).toEqual(expect.any(Number))
  raw.exec("DELETE FROM unused_rows")
  raw.exec(String(migrations.find((step) => typeof step === "string" && step === "DELETE FROM projections")))
  raw.close()

  const reopened = sqliteStore(file)
  onTestFinished(() => run(reopened.close))
  const looked = new DatabaseSync(file, { readOnly: true })
  onTestFinished(() => looked.close())
  expect(sinceOf(looked)).toBe(since)
  expect(await run(reopened.rebuild())).toMatchObject({ differingRowCount: 0 })
})

/** How long somebody stays signed in, and what ends it for good. */
import { DatabaseSync } from "node:sqlite"
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { momentOf, type EpochMillis } from "../../src/core/index.ts"
import { memoryStore, type Session, type Sessions } from "../../src/provider/index.ts"
import { rivalStore } from "../support/RivalStore.ts"
import { openSqlite, serverOver } from "../support/TestServer.ts"
import { sessionTable } from "../../src/provider/AccountTables.ts"

const run = Effect.runPromise
const [IDLE_SECONDS, ABSOLUTE_SECONDS] = [600, 1800]
const at = (millis: number) => millis as EpochMillis

const start = async (log = memoryStore()) => {
  const { store, beforeNextWrite } = rivalStore(log)
  const session = { idle: IDLE_SECONDS, absolute: ABSOLUTE_SECONDS }
  const { native, clock } = await serverOver({ store, config: { session } })
  const { sessions } = native
  const open = async (name = "alice", replaced?: string) => {
    await run(native.accounts.ensure(name, native.now()))
    const standing = (await run(native.accounts.standing(name)))!
    return (await run(sessions.open(standing, native.now(), replaced)))!
  }
  const find = (id: string, millis = clock.now()) => run(sessions.find(id, at(millis)))
  const rowCount = async () => (await run(store.dump(sessionTable))).length
  return { native, sessions, clock, open, find, rowCount, beforeNextWrite }
}

describe.each([
  ["memory", memoryStore],
  ["sqlite", openSqlite],
] as const)("over %s, a session that was used", (_, openLog) => {
  const endings: ReadonlyArray<
    readonly [string, (sessions: Sessions, session: Session) => Effect.Effect<void, unknown>]
  > = [
    ["signed out", (sessions, { digest }) => sessions.end(digest)],
    ["signed out everywhere", (sessions, { subjectId }) => sessions.endAll(subjectId)],
  ]

  test.each(endings)("does not come back when it is %s meanwhile", async (_, end) => {
    const { sessions, clock, open, find, beforeNextWrite, rowCount } = await start(openLog())
    const { id } = await open()
    clock.pass(61)
    const session = (await find(id))!
    beforeNextWrite(end(sessions, session))
    await run(sessions.touch(session, at(clock.now())))
    expect(await find(id)).toBeUndefined()
    expect(await rowCount()).toBe(0)
  })

  test("does not come back when it ended by itself meanwhile", async () => {
    const { sessions, clock, open, find } = await start(openLog())
    const { id } = await open()
    clock.pass(IDLE_SECONDS - 0.001)
    const session = (await find(id))!
    clock.pass(0.001)
    await run(sessions.touch(session, at(clock.now())))
    expect(await find(id)).toBeUndefined()
  })
})

describe("a session", () => {
  test("lives until it was idle for its time, to the millisecond", async () => {
    const { clock, open, find } = await start()
    const { id, session } = await open()
    expect(session).toEqual({
      digest: session.digest,
      subjectId: session.subjectId,
      authenticatedAt: clock.now(),
      login: { authTime: clock.now() },
      seenAt: clock.now(),
      expiresAt: clock.now() + IDLE_SECONDS * 1000,
    })
    expect(await find(id, session.expiresAt - 1)).toEqual(session)
    expect(await find(id, session.expiresAt)).toBeUndefined()
  })

  test("keeps what its login says of itself, and lives as long whenever that was", async () => {
    const { native, clock, open, find } = await start()
    await open()
    const standing = (await run(native.accounts.standing("alice")))!
    const login = { authTime: momentOf(clock.now() - 90 * 86_400_000), acr: "gold", amr: ["pwd", "otp"] }
    const { id, session } = (await run(native.sessions.open(standing, native.now(), undefined, login)))!
    expect(session).toMatchObject({ login, authenticatedAt: clock.now() })
    expect(await find(id, session.expiresAt - 1)).toEqual(session)
    const ahead = { authTime: momentOf(clock.now() + 1) }
    const { session: early } = (await run(native.sessions.open(standing, native.now(), undefined, ahead)))!
    expect(early.login).toEqual({ authTime: clock.now() })
  })

  test("from before what logins say was kept began when somebody signed in, and says no more", async () => {
    const store = openSqlite()
    const { open, find } = await start(store)
    const { id, session } = await open()
    const raw = new DatabaseSync(store.file!)
    raw.exec("UPDATE sessions SET login = NULL")
    raw.close()
    expect(await find(id)).toEqual({ ...session, login: { authTime: session.authenticatedAt } })
  })

  test("lives on by being used, but not beyond its day, and its login stays when it was", async () => {
    const { sessions, clock, open, find } = await start()
    const { id, session } = await open()
    const endsAt = session.authenticatedAt + ABSOLUTE_SECONDS * 1000
    for (let count = 0; count < 4; count++) {
      clock.pass(IDLE_SECONDS - 200)
      await run(sessions.touch((await find(id))!, at(clock.now())))
    }
    const used = (await find(id))!
    expect(used).toMatchObject({ authenticatedAt: session.authenticatedAt, seenAt: clock.now(), expiresAt: endsAt })
    expect(await find(id, endsAt - 1)).toBeDefined()
    expect(await find(id, endsAt)).toBeUndefined()
  })

  test("is noted as used once a minute and no oftener", async () => {
    const { sessions, clock, open, find } = await start()
    const { id, session } = await open()
    clock.pass(59.999)
    await run(sessions.touch(session, at(clock.now())))
    expect(await find(id)).toEqual(session)
    clock.pass(0.001)
    await run(sessions.touch(session, at(clock.now())))
    expect(await find(id)).toMatchObject({ seenAt: clock.now(), expiresAt: clock.now() + IDLE_SECONDS * 1000 })
  })

  test("is known by its id and by nothing that is kept of it", async () => {
    const { open, find } = await start()
    const { id, session } = await open()
    expect(id).toMatch(/^[\w-]{43}$/)
    expect(await find(session.digest)).toBeUndefined()
    expect((await open()).id).not.toBe(id)
    expect(await find("")).toBeUndefined()
  })

  test("takes the place of the one that the browser had, and of no other", async () => {
    const { open, find } = await start()
    const [before, elsewhere] = [await open(), await open()]
    const { id } = await open("alice", before.id)
    expect([await find(before.id), (await find(id)) === undefined, (await find(elsewhere.id)) === undefined]).toEqual([
      undefined,
      false,
      false,
    ])
    await open("alice", elsewhere.session.digest)
    expect(await find(elsewhere.id)).toBeDefined()
  })
})

describe("the sessions of a subject", () => {
  test("are listed while they live, the latest login first, and nobody else's", async () => {
    const { sessions, clock, open } = await start()
    const first = await open()
    clock.pass(300)
    const second = await open()
    clock.pass(1)
    const third = await open()
    const bobs = await open("bob")
    const digests = async (of = first.session.subjectId) =>
      (await run(sessions.list(of, at(clock.now())))).map(({ digest }) => digest)
    expect(await digests()).toEqual([third, second, first].map(({ session }) => session.digest))
    expect(await digests(bobs.session.subjectId)).toEqual([bobs.session.digest])
    clock.pass(299)
    expect(await digests()).toEqual([third, second].map(({ session }) => session.digest))
  })

  test("end all at once, but for one that is named, and nobody else's", async () => {
    const { sessions, open, find } = await start()
    const [first, second, bobs] = [await open(), await open(), await open("bob")]
    await run(sessions.endAll(first.session.subjectId, second.session.digest))
    const isAlive = async ({ id }: { readonly id: string }) => (await find(id)) !== undefined
    expect([await isAlive(first), await isAlive(second), await isAlive(bobs)]).toEqual([false, true, true])
    await run(sessions.endAll(first.session.subjectId))
    expect([await isAlive(second), await isAlive(bobs)]).toEqual([false, true])
    await run(sessions.end(bobs.session.digest))
    expect(await isAlive(bobs)).toBe(false)
  })

  test("that have ended are removed as others begin, and none that lives", async () => {
    const { clock, open, find, rowCount } = await start()
    for (let count = 0; count < 10; count++) await open(`person-${count}`)
    clock.pass(1)
    const alive = await open("carol")
    clock.pass(IDLE_SECONDS - 1)
    expect(await rowCount()).toBe(11)
    await open("dave")
    expect(await rowCount()).toBe(4)
    await open("erin")
    expect(await rowCount()).toBe(3)
    expect(await find(alive.id)).toBeDefined()
  })
})

/** How an account stands: whatever changes about it, nothing is done on the strength of what was seen before. */
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, onTestFinished, test } from "vitest"
import type { Digest } from "../../src/core/index.ts"
import { memoryStore, sqliteStore } from "../../src/provider/index.ts"
import { rivalStore } from "../support/RivalStore.ts"
import { approvedBy } from "../support/Session.ts"
import { openSqlite, serverOver, temporaryFolder } from "../support/TestServer.ts"

const run = Effect.runPromise
const PASSWORD = "correct horse battery"
const CHOSEN = "a new and longer password"
const ANOTHER = "yet another password"

const start = async (store = memoryStore()) => {
  const made = await serverOver({ store })
  const { native, keys } = made
  const { subjectId } = (await run(native.accounts.add("alice", PASSWORD, native.now())))!
  await run(native.accounts.add("bob", PASSWORD, native.now()))
  const seen = async (name = "alice") => (await run(native.accounts.verifyPassword(name, PASSWORD)))!
  const sessionCount = async () => (await run(native.sessions.list(subjectId, native.now()))).length
  return { native, keys, subjectId, seen, sessionCount }
}

type Started = Awaited<ReturnType<typeof start>>

const changes: ReadonlyArray<readonly [string, (started: Started) => Promise<unknown>]> = [
  ["its password is set", ({ native }) => run(native.accounts.setPassword("alice", CHOSEN))],
  ["its password is set to the same one", ({ native }) => run(native.accounts.setPassword("alice", PASSWORD))],
  ["its owner changes the password", ({ native }) => run(native.accounts.changePassword("alice", PASSWORD, CHOSEN))],
  ["its subject is disabled", ({ native, subjectId }) => run(native.disableSubject(subjectId))],
  [
    "its subject is disabled and enabled",
    ({ native, subjectId }) => run(Effect.andThen(native.disableSubject(subjectId), native.enableSubject(subjectId))),
  ],
  [
    "its subject's grants are revoked",
    async ({ native, subjectId }) => {
      await approvedBy({ native }, subjectId)
      await run(native.revokeSubjectSessions(subjectId))
    },
  ],
  ["its subject is forgotten", ({ native, subjectId }) => run(native.forgetSubject(subjectId))],
  ["it is removed", ({ native, subjectId }) => run(native.accounts.removeOf(subjectId))],
  [
    "its name is somebody else's, without a password",
    async ({ native, subjectId }) => {
      await run(native.accounts.removeOf(subjectId))
      await run(native.accounts.ensure("alice", native.now()))
    },
  ],
]

describe.each([
  ["memory", memoryStore],
  ["sqlite", openSqlite],
] as const)("over %s, what was seen of an account is worth nothing once", (_, open) => {
  test.each(changes)("%s", async (_, change) => {
    const started = await start(open())
    const { native, seen, sessionCount } = started
    const standing = await seen()
    await change(started)
    expect(await run(native.sessions.open(standing, native.now()))).toBeUndefined()
    expect(await sessionCount()).toBe(0)
  })
})

test.each(changes.slice(3))(
  "an account that somebody else vouches for stands no more as it was seen once %s",
  async (_, change) => {
    const started = await start()
    const { native, subjectId } = started
    await run(native.accounts.removeOf(subjectId))
    const { subjectId: now } = await run(native.accounts.ensure("alice", native.now(), "Alice"))
    const standing = (await run(native.accounts.standing("alice")))!
    await change({ ...started, subjectId: now })
    expect(await run(native.sessions.open(standing, native.now()))).toBeUndefined()
  },
)

test("what concerns others, or changes nothing that counts, leaves an account standing", async () => {
  const { native, subjectId, seen, sessionCount } = await start()
  const standing = await seen()
  const bob = await seen("bob")
  await run(native.disableSubject(bob.account.subjectId))
  await run(native.accounts.setPassword("bob", CHOSEN))
  await run(native.accounts.ensure("alice", native.now(), "Alice"))
  await run(native.enableSubject(subjectId))
  await run(native.sessions.endAll(subjectId))
  expect(await run(native.sessions.open(standing, native.now()))).toBeDefined()
  expect(await sessionCount()).toBe(1)
})

test("who is disabled or gone has no standing, and proves nothing by the right password", async () => {
  const { native, subjectId } = await start()
  await run(native.disableSubject(subjectId))
  expect(await run(native.accounts.verifyPassword("alice", PASSWORD))).toBeUndefined()
  expect(await run(native.accounts.standing("alice"))).toBeUndefined()
  expect(await run(native.accounts.standing("nobody"))).toBeUndefined()
  await run(native.enableSubject(subjectId))
  expect((await run(native.accounts.verifyPassword("alice", PASSWORD)))?.account.name).toBe("alice")
})

test("another process that sets the password is quicker than a login here, and ends what is open here", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const opened = () => {
    const store = sqliteStore(file)
    onTestFinished(() => run(store.close))
    return store
  }
  const { native, keys, seen, sessionCount } = await start(opened())
  const { native: elsewhere } = await serverOver({ store: opened(), keys })
  const standing = await seen()
  await run(native.sessions.open(standing, native.now()))
  await run(elsewhere.accounts.setPassword("alice", CHOSEN))
  expect(await run(native.sessions.open(standing, native.now()))).toBeUndefined()
  expect(await sessionCount()).toBe(0)
})

describe("of two who change a password at once", () => {
  test("the second one, who relied on the same present password, changes nothing", async () => {
    const { store, beforeNextWrite } = rivalStore(memoryStore())
    const { native } = await start(store)
    beforeNextWrite(native.accounts.changePassword("alice", PASSWORD, CHOSEN))
    expect(await run(native.accounts.changePassword("alice", PASSWORD, ANOTHER))).toBeUndefined()
    expect(await run(native.accounts.verifyPassword("alice", CHOSEN))).toBeDefined()
    expect(await run(native.accounts.verifyPassword("alice", ANOTHER))).toBeUndefined()
  })

  test.each(changes)("the owner changes nothing when meanwhile %s", async (_, change) => {
    const { store, beforeNextWrite } = rivalStore(memoryStore())
    const started = await start(store)
    const { native } = started
    beforeNextWrite(Effect.promise(() => change(started)))
    expect(await run(native.accounts.changePassword("alice", PASSWORD, ANOTHER))).toBeUndefined()
    expect(await run(native.accounts.verifyPassword("alice", ANOTHER))).toBeUndefined()
  })
})

describe("another password", () => {
  test("ends the account's sessions in the same moment, and nobody else's", async () => {
    const { native, seen, subjectId } = await start()
    const open = async (name?: string) => (await run(native.sessions.open(await seen(name), native.now())))!.session
    await open()
    await open()
    const bobs = await open("bob")
    const standing = (await run(native.accounts.changePassword("alice", PASSWORD, CHOSEN)))!
    const digests = async (of: typeof subjectId): Promise<ReadonlyArray<Digest>> =>
      (await run(native.sessions.list(of, native.now()))).map(({ digest }) => digest)
    expect(await digests(subjectId)).toEqual([])
    const begun = (await run(native.sessions.open(standing, native.now())))!.session
    expect(await digests(subjectId)).toEqual([begun.digest])
    await run(native.accounts.setPassword("alice", ANOTHER))
    expect(await digests(subjectId)).toEqual([])
    expect(await digests(bobs.subjectId)).toEqual([bobs.digest])
  })

  test("is not set by a wrong one, and not for a name that nobody has", async () => {
    const { native, seen, sessionCount } = await start()
    await run(native.sessions.open(await seen(), native.now()))
    expect(await run(native.accounts.changePassword("alice", "wrong password", CHOSEN))).toBeUndefined()
    expect(await run(native.accounts.changePassword("nobody", PASSWORD, CHOSEN))).toBeUndefined()
    expect(await run(native.accounts.setPassword("nobody", CHOSEN))).toBeUndefined()
    expect(await run(native.accounts.find("nobody"))).toBeUndefined()
    expect(await sessionCount()).toBe(1)
    expect(await seen()).toBeDefined()
  })
})

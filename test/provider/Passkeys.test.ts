/** Passkeys as rows beside the log: added, used and removed in one transaction each, over every store, and gone with the person. */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, Result } from "effect"
import { describe, expect, test } from "vitest"
import { passkeyTable } from "../../src/provider/AccountTables.ts"
import { memoryStore, passkeys, sqliteStore, standardFeatures } from "../../src/provider/index.ts"
import { newAuthenticator } from "../support/Authenticator.ts"
import { postgresStores } from "../support/OverPostgres.ts"
import { openSqlite, serverOver, temporaryFolder } from "../support/TestServer.ts"

const run = Effect.runPromise
const ISSUER = "https://id.example.com"

const start = async (store: ReturnType<typeof memoryStore>) => {
  const made = await serverOver({
    store,
    isAutoApproving: false,
    features: [...standardFeatures, ...passkeys()],
    config: { issuer: ISSUER },
    onNotice: () => {},
  })
  const { native } = made
  await run(native.accounts.add("alice", "correct horse battery", native.now()))
  const standing = (await run(native.accounts.standing("alice")))!
  const { subjectId } = standing.account
  const authenticator = newAuthenticator(ISSUER)
  const add = async (name: string, isFirst = false) => {
    const { challenge, options } = await run(native.passkeys.askNew(standing.account))
    const answer = authenticator.create(options)
    const added = await run(native.passkeys.add({ answer, challenge, standing, name, isFirst }))
    if (Result.isFailure(added)) authenticator.credentials.pop()
    return added
  }
  const signIn = async (signCount?: number) => {
    const { challenge, options } = await run(native.passkeys.ask())
    const answer = authenticator.get(options, signCount === undefined ? {} : { signCount })
    return run(native.passkeys.signIn({ answer, challenge }))
  }
  return { ...made, standing, subjectId, add, signIn, list: () => run(native.passkeys.list(subjectId)) }
}

describe.each<readonly [string, () => ReturnType<typeof memoryStore>]>([
  ["memory", memoryStore],
  ["SQLite", openSqlite],
  ...postgresStores,
])("over %s", (_, open) => {
  test("a passkey is added, used and removed, and its row says what the ceremony did", async () => {
    const { native, store, subjectId, add, signIn, list } = await start(open())
    const added = Result.getOrThrow(await add("key", true))
    expect(await list()).toEqual([added])
    expect(await add("another", true)).toEqual(Result.fail("changed"))
    const { session } = Result.getOrThrow(await signIn(7))
    expect(session).toMatchObject({ subjectId, login: { acr: "phr", amr: ["hwk", "user", "mfa"] } })
    expect(await signIn(7)).toEqual(Result.fail("refused"))
    const [row] = await run(store.dump(passkeyTable))
    expect(row).toMatchObject({ subject_id: subjectId, name: "key", sign_count: 7, used_at: native.now() })
    expect(row).toMatchObject({ went_back_at: native.now(), is_synced: 0, transports: "internal" })

    const { id } = Result.getOrThrow(await add("second"))
    expect(await run(native.passkeys.remove(subjectId, "ffffffffffff"))).toBe("unknown")
    expect(await run(native.passkeys.remove(subjectId, id, { keepsLast: true, except: session.digest }))).toBe(
      "removed",
    )
    expect(await run(native.sessions.list(subjectId, native.now()))).toHaveLength(1)
    expect(await run(native.passkeys.remove(subjectId, added.id, { keepsLast: true }))).toBe("last")
    expect(await run(native.passkeys.removeAll(subjectId))).toBe(1)
    expect(await run(native.sessions.list(subjectId, native.now()))).toEqual([])
    expect(await run(store.compareRows({ now: native.now() }))).toMatchObject({ differingRowCount: 0, faults: [] })
  })
})

test("forgetting somebody leaves the name of a passkey in no file", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const store = sqliteStore(file)
  const { native, subjectId, add } = await start(store)
  await add("Planted Lovelace's phone", true)
  const isPlanted = () =>
    readdirSync(dirname(file)).some((name) => readFileSync(join(dirname(file), name)).includes("Planted Lovelace"))
  expect(isPlanted()).toBe(true)
  await run(native.forgetSubject(subjectId))
  expect(isPlanted()).toBe(false)
  expect(await run(store.dump(passkeyTable))).toEqual([])
  await run(store.close)
})

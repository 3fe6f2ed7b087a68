/** What devices asked for, beside the log: bounded, encrypted, gone when it is answered, and no part of any history. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { deviceTable } from "../../src/provider/AccountTables.ts"
import { makePollPace } from "../../src/provider/DevicePace.ts"
import { KEPT_EXPIRED_MILLIS, MAX_WAITING } from "../../src/provider/DeviceRows.ts"
import type { GrantId } from "../../src/core/index.ts"
import { ephemeralKeys, memoryStore, RequestOrigin } from "../../src/provider/index.ts"
import { postgresStores } from "../support/OverPostgres.ts"
import { deviceSetting, television } from "../support/Television.ts"
import { ACCOUNT, openSqlite, serverOver } from "../support/TestServer.ts"

const run = Effect.runPromise

const start = async (open: () => ReturnType<typeof memoryStore>) => {
  const made = await serverOver(deviceSetting({ store: open(), isAutoApproving: false }))
  const { native } = made
  const { client_id: clientId } = await run(
    native.addClient({ metadata: { ...television, token_endpoint_auth_method: "none" } }),
  )
  const { subjectId } = await run(native.accounts.ensure(ACCOUNT, native.now()))
  return {
    ...made,
    credentials: { clientId },
    subjectId,
    ask: () => run(native.requestDevice({ credentials: { clientId } })),
    rows: () => run(made.store.dump(deviceTable)),
    approving: (userCode: string) => ({
      userCode,
      approval: { _tag: "User", subjectId, approvedAt: native.now() } as const,
      scopes: null,
      resources: [],
    }),
  }
}

describe.each<readonly [string, () => ReturnType<typeof memoryStore>]>([
  ["memory", memoryStore],
  ["SQLite", openSqlite],
  ...postgresStores,
])("over %s", (_, open) => {
  test("a request is a row that says neither its codes nor what is asked for, and no entry of the log", async () => {
    const { native, store, rows, credentials } = await start(open)
    const { size } = await run(store.head)
    const origin = { address: "198.51.100.9", userAgent: "a television" }
    const asked = await run(
      Effect.provideService(native.requestDevice({ credentials, scopes: ["read"] }), RequestOrigin, origin),
    )
    const [row, ...others] = await rows()
    expect(others).toEqual([])
    const text = JSON.stringify(row)
    for (const said of [asked.userCode, asked.deviceCode, credentials.clientId, "198.51.100.9", "television"]) {
      expect(text).not.toContain(said)
    }
    // As a word: what is encrypted may have four letters in it by chance.
    expect(text).not.toMatch(/\bread\b/)
    expect((await run(store.head)).size).toBe(size)
    expect(await run(native.devices.waiting(asked.userCode))).toMatchObject({
      clientId: credentials.clientId,
      scopes: ["read"],
      address: "198.51.100.9",
    })
  })

  test("it is gone when it is approved or denied, and removed some time after it has expired", async () => {
    const { native, ask, rows, approving, subjectId, clock } = await start(open)
    const [one, other, third] = [await ask(), await ask(), await ask()]
    await run(native.devices.approve(approving(one.userCode)))
    await run(native.devices.deny({ userCode: other.userCode, subjectId }))
    expect(await rows()).toHaveLength(1)
    clock.pass(600 + KEPT_EXPIRED_MILLIS / 1000)
    expect(await run(native.devices.waiting(third.userCode))).toBeUndefined()
    await ask()
    expect(await rows()).toHaveLength(1)
  })

  test("what would be granted is told without anything being changed, and what cannot be is refused alike", async () => {
    const { native, ask, approving, store, subjectId } = await start(open)
    const { userCode } = await ask()
    const { size } = await run(store.head)
    expect(await run(native.devices.preview(approving(userCode)))).toMatchObject({ scopes: ["read"] })
    expect((await run(store.head)).size).toBe(size)
    await run(native.disableSubject(subjectId))
    for (const tried of [native.devices.preview, native.devices.approve] as const) {
      await expect(run(tried(approving(userCode)) as Effect.Effect<unknown, unknown>)).rejects.toMatchObject({
        error: "access_denied",
      })
    }
  })

  test("auto-approval reaches no device", async () => {
    const { native, ask, approving } = await start(open)
    const { userCode } = await ask()
    const given = approving(userCode)
    const auto = { ...given, approval: { ...given.approval, _tag: "Auto" as const } }
    await expect(run(native.devices.approve(auto))).rejects.toMatchObject({ error: "access_denied" })
  })

  test("under another key ring nothing is found, and nothing fails", async () => {
    const { native, ask, store, clock, credentials } = await start(open)
    const asked = await ask()
    const other = await serverOver(
      deviceSetting({ store, clock, keys: ephemeralKeys(), isAutoApproving: false }),
    ).catch((fault: unknown) => fault)
    // Such a server is not started at all; what it would find is tried at the rows.
    expect(String(other)).toContain("the key ring lacks")
    expect(await run(store.side.waitingRequest(asked.userCode))).toBeUndefined()
    expect(await run(native.devices.waiting("BCDF-GHJK"))).toBeUndefined()
    await expect(run(native.redeemDeviceCode({ credentials, deviceCode: asked.deviceCode }))).rejects.toMatchObject({
      error: "authorization_pending",
    })
  })
})

test("StateIsBounded: so many requests wait at most, and one more takes the place of the oldest", async () => {
  const { store, ask, native, rows } = await start(memoryStore)
  const at = native.now()
  const first = await ask()
  for (let count = 1; count < MAX_WAITING; count++) {
    const grantId = String(count).padStart(22, "0") as GrantId
    const row = { userCode: `code ${count}`, grantId, encrypted: "x", expiresAt: at + 700_000 }
    expect(await run(store.side.keepRequest(row, at))).toBe(true)
  }
  expect(await rows()).toHaveLength(MAX_WAITING)
  await ask()
  expect(await rows()).toHaveLength(MAX_WAITING)
  expect(await run(native.devices.waiting(first.userCode))).toBeUndefined()
  const row = { userCode: "code 1", grantId: "0".repeat(22) as GrantId, encrypted: "y", expiresAt: at }
  expect(await run(store.side.keepRequest(row, at))).toBe(false)
})

test("StateIsBounded: how fast devices ask is remembered of no more of them than can wait", () => {
  const pace = makePollPace()
  for (let count = 0; count <= MAX_WAITING; count++) expect(pace.isTooFast(`device ${count}`, 5000, 0)).toBe(false)
  expect(pace.keyCount()).toBe(MAX_WAITING)
  expect(pace.isTooFast(`device ${MAX_WAITING}`, 5000, 1000)).toBe(true)
  expect(pace.isTooFast("device 0", 5000, 1000)).toBe(false)
})

/** A lease is renewed long before its end, again and again, and is given up for good once somebody else has it. */
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from "vitest"
import { memoryKeyValue, type KeyValue } from "../../../src/client/storage/index.ts"
import { isComparing, LEASE_MILLIS, withLease } from "../../../src/client/storage/LeaseLock.ts"

const START = 1_700_000_000_000

beforeEach(() => void vi.useFakeTimers({ now: START, toFake: ["setInterval", "clearInterval", "Date"] }))
afterEach(() => void vi.useRealTimers())

const END_IS_NEAR = START + LEASE_MILLIS - 1

const now = () => Date.now()
const untilOf = (text: string | undefined) => (JSON.parse(text!) as { readonly until: number }).until

const storeOf = () => {
  const { withLock: _, ...store } = memoryKeyValue({ now })
  return store
}

/** Lets what is under way come to rest: nothing here waits for more than promises. */
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
}

it("is renewed at least twice before it would end, so that one failure loses nothing", async () => {
  const store = storeOf()
  let renewalCount = 0
  const watched = {
    ...store,
    compareAndSet: async (...args: Parameters<typeof store.compareAndSet>) => {
      const isDone = await store.compareAndSet(...args)
      if (args[1] !== undefined && args[2] !== undefined && isDone) renewalCount += 1
      return isDone
    },
  }
  await withLease(watched, "a", now, async () => {
    for (let passed = 0; passed < LEASE_MILLIS - 1000; passed += 1000) {
      await vi.advanceTimersByTimeAsync(1000)
      await settle()
    }
    expect(renewalCount).toBeGreaterThanOrEqual(2)
    expect(untilOf(await store.get("a"))).toBeGreaterThan(START + LEASE_MILLIS + 5_000)
  })
  expect(await store.get("a")).toBeUndefined()
})

it("keeps others out for as long as it is used, ten leases long", async () => {
  const store = storeOf()
  await withLease(store, "a", now, async () => {
    for (let passed = 0; passed < 10 * LEASE_MILLIS; passed += 1000) {
      await vi.advanceTimersByTimeAsync(1000)
      await settle()
      expect(untilOf(await store.get("a"))).toBeGreaterThan(now())
    }
  })
})

it("survives a store that fails once", async () => {
  const store = storeOf()
  let failureCount = 0
  const failing = {
    ...store,
    compareAndSet: async (...args: Parameters<typeof store.compareAndSet>) => {
      if (args[1] !== undefined && args[2] !== undefined && failureCount++ === 0) throw new Error("a hiccup")
      return store.compareAndSet(...args)
    },
  }
  const done = await withLease(failing, "a", now, async () => {
    await vi.advanceTimersByTimeAsync(LEASE_MILLIS - 1000)
    await settle()
    return "done"
  })
  expect([done, failureCount > 1]).toEqual(["done", true])
})

it("is lost once somebody else has it: it is not taken back, and the holder is told", async () => {
  const store = storeOf()
  const other = JSON.stringify({ owner: "other", until: START + 10 * LEASE_MILLIS })
  const lost = withLease(store, "a", now, async () => {
    await store.set("a", other)
    await vi.advanceTimersByTimeAsync(LEASE_MILLIS)
    await settle()
  })
  await expect(lost).rejects.toMatchObject({ code: "lock_lost", message: expect.stringContaining("`a`") })
  expect(await store.get("a")).toBe(other)
})

it("what the work itself threw is told, and the lease is given back", async () => {
  const store = storeOf()
  const failed = withLease(store, "a", now, () => Promise.reject(new Error("the work failed")))
  await expect(failed).rejects.toThrow("the work failed")
  expect(await store.get("a")).toBeUndefined()
})

it("that somebody else holds is waited for until it ends by its own word", async () => {
  const store = storeOf()
  const end = START + LEASE_MILLIS
  await store.set("a", JSON.stringify({ owner: "other", until: end }))
  let readCount = 0
  const watched = {
    ...store,
    get: async (key: string) => {
      vi.setSystemTime([END_IS_NEAR, END_IS_NEAR, end][readCount++] ?? end)
      return store.get(key)
    },
  }
  const took = await withLease(watched, "a", now, async () => [readCount, untilOf(await store.get("a"))])
  expect(took).toEqual([3, end + LEASE_MILLIS])
})

it.each([
  "no lease",
  "{}",
  JSON.stringify({ owner: "other", until: START }),
  JSON.stringify({ owner: "other", until: "9e15" }),
  JSON.stringify({ until: 9e15 }),
])("what is there as `%s` is nobody's", async (text) => {
  const store = storeOf()
  await store.set("a", text)
  expect(await withLease(store, "a", now, async () => untilOf(await store.get("a")))).toBe(START + LEASE_MILLIS)
})

it("ends in the store too, by its ttl, where its holder is gone", async () => {
  const store = storeOf()
  const ttls: Array<number | undefined> = []
  const watched = {
    ...store,
    compareAndSet: (...args: Parameters<typeof store.compareAndSet>) => {
      ttls.push(args[3]?.ttlSeconds)
      return store.compareAndSet(...args)
    },
  }
  await withLease(watched, "a", now, async () => undefined)
  expect(ttls).toEqual([LEASE_MILLIS / 1000, undefined])
  await vi.advanceTimersByTimeAsync(10 * LEASE_MILLIS)
  await settle()
  expect(ttls).toHaveLength(2)
})

it("keeps no process alive by its renewal alone", async () => {
  const timers = vi.spyOn(globalThis, "setInterval")
  onTestFinished(() => timers.mockRestore())
  await withLease(storeOf(), "a", now, async () => {
    expect(timers.mock.results.map(({ value }) => (value as NodeJS.Timeout).hasRef())).toEqual([false])
  })
})

it("is for stores that compare", () => {
  const { compareAndSet: _, ...plain } = memoryKeyValue()
  expect([isComparing(memoryKeyValue()), isComparing(plain as KeyValue)]).toEqual([true, false])
})

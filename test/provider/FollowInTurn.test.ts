/** Reading the log for all instances: from where the last one came, one at a time, and no further back than is bounded. */
import { Effect, Fiber } from "effect"
import { expect, onTestFinished, test } from "vitest"
import { followInTurn } from "../../src/provider/FollowInTurn.ts"
import { standingClock } from "../support/StandingClock.ts"
import { serverOver } from "../support/TestServer.ts"

const run = Effect.runPromise
const metadata = { redirect_uris: ["http://127.0.0.1/callback"] }

const start = async () => {
  const { native, store, clock } = await serverOver()
  const register = async (count: number) => {
    for (let index = 0; index < count; index++) await run(native.registerClient(metadata))
    return (await run(store.head)).size
  }
  /** Follows until it is stopped; `work` is done for each entry. It never says again that it reads, nor looks again. */
  const follow = (work: Effect.Effect<void> = Effect.void, maxBehind = 100) => {
    const read: Array<number> = []
    const skipped: Array<number> = []
    const fiber = Effect.runFork(
      followInTurn(store, {
        reader: "a test",
        now: clock.now,
        maxBehind,
        workOf: ({ position }) => Effect.sync(() => (read.push(position), [work])),
        onSkipped: (count) => skipped.push(count),
      }).pipe(Effect.provide(standingClock)),
    )
    const stop = () => run(Fiber.interrupt(fiber))
    onTestFinished(() => stop().then(() => undefined))
    return { read, skipped, stop }
  }
  const bookmark = () => run(store.side.bookmarkOf("a test"))
  const reaches = (position: number) => expect.poll(bookmark).toBe(position)
  return { clock, register, follow, reaches, bookmark }
}

test("who reads for the first time begins at the head, and the next one where that one came", async () => {
  const { register, follow, reaches } = await start()
  const begun = await register(2)
  const first = follow()
  await reaches(begun)
  const read = await register(2)
  await reaches(read)
  expect(first.read).toEqual([begun, begun + 1])
  await first.stop()
  const size = await register(1)
  const second = follow()
  await reaches(size)
  expect(second.read).toEqual([read])
})

test("what is not done is read again, by another and by the same", async () => {
  const { register, follow, reaches, bookmark } = await start()
  const begun = await register(1)
  const first = follow(Effect.never)
  await reaches(begun)
  await register(1)
  await expect.poll(() => first.read).toEqual([begun])
  await first.stop()
  expect(await bookmark()).toBe(begun)
  const second = follow()
  await reaches(begun + 1)
  expect(second.read).toEqual([begun])
})

test("one reads at a time, and another goes on when its turn has ended by itself", async () => {
  const { clock, register, follow, reaches } = await start()
  const begun = await register(1)
  const first = follow(Effect.never)
  await reaches(begun)
  clock.pass(59)
  const waiting = follow()
  const size = await register(1)
  await expect.poll(() => first.read).toEqual([begun])
  expect(waiting.read).toEqual([])
  clock.pass(2)
  const second = follow()
  await reaches(size)
  expect(second.read).toEqual([begun])
})

test("no more is read than is bounded, and what is left out is said", async () => {
  const { register, follow, reaches } = await start()
  const begun = await register(1)
  const first = follow()
  await reaches(begun)
  await first.stop()
  const size = await register(5)
  const second = follow(Effect.void, 2)
  await reaches(size)
  expect([second.read, second.skipped]).toEqual([[size - 2, size - 1], [3]])
})

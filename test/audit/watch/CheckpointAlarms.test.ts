/** While a log is watched, a checkpoint that it contradicts is named: once, as long as it is wrong, and never otherwise. */
import { DatabaseSync } from "node:sqlite"
import { Effect, Fiber, Stream } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  checkpointAlarms,
  type CheckpointAlarm,
  type WatchedCheckpoints,
} from "../../../src/audit/watch/CheckpointAlarms.ts"
import { CheckpointFault, checkpointNow, type CheckpointStorage } from "../../../src/audit/proof/Checkpoints.ts"
import { StoreFault, leafHash, signCheckpoint, signingKey, type EventLog } from "../../../src/log/index.ts"
import { sqliteStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { busyLog } from "../BusyLog.ts"
import { edits } from "../proof/Edit.ts"
import { memoryCheckpoints } from "../proof/MemoryCheckpoints.ts"
import { logins, run } from "../Logins.ts"

const SEED = 20_261_121
const EVERY_MILLIS = 10_000
const key = signingKey("localhost:4000", Buffer.alloc(32, 1))

const watchedBy = (storage: CheckpointStorage): WatchedCheckpoints => ({ storage, readKey: Effect.succeed(key) })

/** Watches from the first step on; a look follows each. */
const alarmsAfter = (
  log: EventLog,
  watched: WatchedCheckpoints,
  steps: ReadonlyArray<() => Promise<unknown>>,
): Promise<ReadonlyArray<CheckpointAlarm>> =>
  Effect.gen(function* () {
    const alarms: Array<CheckpointAlarm> = []
    const watching = yield* Effect.forkChild(
      Stream.runForEach(checkpointAlarms(log, watched, EVERY_MILLIS), (alarm) => Effect.sync(() => alarms.push(alarm))),
    )
    yield* TestClock.adjust(0)
    for (const step of steps) {
      yield* Effect.promise(step)
      yield* TestClock.adjust(EVERY_MILLIS)
    }
    yield* Fiber.interrupt(watching)
    return alarms
  }).pipe(Effect.provide(TestClock.layer()), run)

const reasons = (alarms: ReadonlyArray<CheckpointAlarm>) => alarms.map(({ at, reason }) => [at, reason])

describe("no alarm is raised", () => {
  it("while a log grows and its checkpoints with it", async () => {
    const world = await logins()
    const storage = memoryCheckpoints()
    const sign = () => run(checkpointNow(world.store, key, storage))
    const steps = [sign, () => world.login(), sign, () => world.login(), async () => {}]
    expect(await alarmsAfter(world.store, watchedBy(storage), steps)).toEqual([])
    expect(storage.kept).toHaveLength(1)
  })

  it("of a log of which no checkpoint is kept, though there be no key", async () => {
    const { store } = await logins()
    const readKey = Effect.sync(() => expect.fail("the key was read"))
    expect(await alarmsAfter(store, { storage: memoryCheckpoints(), readKey }, [])).toEqual([])
  })
})

describe("an alarm is raised", () => {
  it("when a kept checkpoint is replaced while it is watched: once, and again after it was right", async () => {
    const { store } = await logins()
    const storage = memoryCheckpoints()
    const { checkpoint, size } = await run(checkpointNow(store, key, storage))
    const forged = signCheckpoint(size - 1, leafHash("another"), key)
    const keep = (one: string) => async () => void storage.kept.splice(0, 1, one)
    const steps = [keep(forged), keep(forged), keep(checkpoint), keep(forged)]
    const alarms = await alarmsAfter(store, watchedBy(storage), steps)
    expect(reasons(alarms)).toEqual([
      [EVERY_MILLIS, "inconsistent"],
      [4 * EVERY_MILLIS, "inconsistent"],
    ])
    expect(alarms[0]!.sentence).toMatch(
      /^the first \d+ entries are not those .* the log was rewritten; run grantlog verify$/,
    )
  })

  it.each(edits.filter(({ isThorough }) => isThorough))("at once when, of early entries, $name", async ({ apply }) => {
    const folder = temporaryFolder()
    onTestFinished(() => folder[Symbol.dispose]())
    const file = await busyLog(folder.at("."), SEED, 6)
    const before = sqliteStore(file)
    const storage = memoryCheckpoints()
    const { size } = await run(checkpointNow(before, key, storage))
    await run(before.close)
    const database = new DatabaseSync(file)
    apply({ database, size, pick: (limit) => 1 % limit }, 3)
    database.close()
    const edited = sqliteStore(file)
    onTestFinished(() => run(edited.close))
    expect(reasons(await alarmsAfter(edited, watchedBy(storage), []))).toEqual([[0, "inconsistent"]])
  })

  it("when the log is shorter than what was signed, and not anew for each entry that is added to it", async () => {
    const world = await logins()
    const storage = memoryCheckpoints(signCheckpoint(999, leafHash("x"), key))
    const alarms = await alarmsAfter(world.store, watchedBy(storage), [() => world.login(), () => world.login()])
    expect(reasons(alarms)).toEqual([[0, "inconsistent"]])
    expect(alarms[0]!.sentence).toContain("it was cut or restored")
  })

  it("when what is kept is signed by another key, or the key is gone", async () => {
    const { store } = await logins()
    const other = signingKey(key.name, Buffer.alloc(32, 2))
    const storage = memoryCheckpoints(signCheckpoint(1, leafHash("x"), other))
    expect(reasons(await alarmsAfter(store, watchedBy(storage), []))).toEqual([[0, "unreadable"]])
    const readKey = Effect.fail(new CheckpointFault({ reason: "no-key", message: "it is gone" }))
    expect(await alarmsAfter(store, { storage, readKey }, [])).toMatchObject([
      { alarm: "checkpoint", reason: "no-key", sentence: "it is gone" },
    ])
  })

  it("when the tree has holes; a store that cannot be read ends the watch instead", async () => {
    const { store } = await logins()
    const failing = (reason: StoreFault["reason"]): EventLog => ({
      ...store,
      readTree: () => Effect.fail(new StoreFault({ reason, message: reason })),
    })
    expect(reasons(await alarmsAfter(failing("corrupt"), watchedBy(memoryCheckpoints()), []))).toEqual([[0, "corrupt"]])
    const closed = checkpointAlarms(failing("closed"), watchedBy(memoryCheckpoints()), EVERY_MILLIS)
    expect(await run(Effect.flip(Stream.runDrain(closed)))).toMatchObject({ reason: "closed" })
  })
})

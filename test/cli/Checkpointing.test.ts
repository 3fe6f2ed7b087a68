/** A log held against its last checkpoint before it is served: an old copy is refused, or served as one. */
import { Effect, Option, Result } from "effect"
import { beforeAll, expect, it } from "vitest"
import { CheckpointFault, type CheckpointPlace } from "../../src/audit/proof/Checkpoints.ts"
import { rollbackOf } from "../../src/cli/Checkpointing.ts"
import { rootOf, signCheckpoint, signingKey, StoreFault, type EventLog } from "../../src/log/index.ts"
import { logins } from "../audit/Logins.ts"
import { memoryCheckpoints } from "../audit/proof/MemoryCheckpoints.ts"

const key = signingKey("http://localhost:4000", new Uint8Array(32))
let log: EventLog
let [size, root] = [0, ""]

beforeAll(async () => {
  const { store } = await logins()
  log = store
  ;[size, root] = await Effect.runPromise(log.readTree((tree) => [tree.size, rootOf(tree.hashOf, tree.size)] as const))
})

const placeWith = (...checkpoints: Array<string>) =>
  ({ ...memoryCheckpoints(...checkpoints), readKey: Effect.succeed(key) }) as unknown as CheckpointPlace

const found = (place: CheckpointPlace, isAccepted: boolean, from = log) =>
  Effect.runPromise(
    Effect.map(Effect.result(rollbackOf(from, place, isAccepted)), (result) =>
      Result.isSuccess(result) ? Option.getOrUndefined(result.success) : result.failure.message,
    ),
  )

it("a log that its last checkpoint agrees with was not rolled back, nor one that has none", async () => {
  for (const isAccepted of [false, true]) {
    expect(await found(placeWith(signCheckpoint(size, root, key)), isAccepted)).toBeUndefined()
    expect(await found(placeWith(), isAccepted)).toBeUndefined()
  }
})

it("an old copy is refused, in a sentence that says how to serve it all the same", async () => {
  const place = placeWith(signCheckpoint(size + 9, root, key))
  expect(await found(place, false)).toBe(
    `the log has ${size} entries, the last checkpoint ${size + 9}: it was cut or restored; run grantlog verify; to serve it as it is, and to end every grant that was opened in it, start with --accept-rollback`,
  )
})

it("an old copy that is accepted is told with the size of the longest checkpoint that is kept", async () => {
  const kept = [size + 9, size + 3, size + 1].map((count) => signCheckpoint(count, root, key))
  expect(await found(placeWith(...kept), true)).toBe(size + 9)
})

it("what else keeps checkpoints from being signed is left to who signs them", async () => {
  const noKey = Effect.fail(new CheckpointFault({ reason: "no-key", message: "there is no key" }))
  const place = { ...placeWith(signCheckpoint(size + 9, root, key)), readKey: noKey }
  const gone = Effect.fail(new StoreFault({ reason: "disk", message: "the disk is gone" }))
  for (const isAccepted of [false, true]) {
    expect(await found(place, isAccepted)).toBeUndefined()
    expect(await found(placeWith(), isAccepted, { ...log, readTree: () => gone })).toBeUndefined()
  }
})

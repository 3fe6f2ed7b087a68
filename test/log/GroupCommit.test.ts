/** Patience ends: who writes for too long makes the others' appends fail with a sentence, not hang. */
import { Effect } from "effect"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { StoreFault, type AppendOutcome } from "../../src/log/index.ts"
import { groupCommit } from "../../src/log/GroupCommit.ts"
import { appending, signedOut } from "./Samples.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "setImmediate"] }))
afterEach(() => void vi.useRealTimers())

const busy = () => {
  throw new StoreFault({ reason: "busy", message: "another process is writing: try again" })
}

it("an append is refused as busy after five seconds and not before, and the next batch starts anew", async () => {
  let commit: () => ReadonlyArray<AppendOutcome> = busy
  const commits = groupCommit(
    () => commit(),
    () => {},
  )
  const answers: Array<AppendOutcome> = []
  const append = () =>
    Effect.runPromise(commits.append(appending(0, [signedOut("alice")]))).then((outcome) => answers.push(outcome))

  const first = append()
  await vi.advanceTimersByTimeAsync(4900)
  expect(answers).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  await first
  expect(answers).toEqual([{ _tag: "Rejected", reason: "busy", message: "another process is writing: try again" }])

  commit = () => [{ _tag: "Appended", position: 0, version: 1 }]
  const second = append()
  await vi.advanceTimersByTimeAsync(1)
  await second
  expect(answers[1]).toMatchObject({ _tag: "Appended" })
})

it("waits for a busy store do not add up: each batch has its own five seconds", async () => {
  let busyCount = 0
  const commits = groupCommit(
    () => (busyCount++ % 600 === 599 ? [{ _tag: "Appended", position: 0, version: 1 }] : busy()),
    () => {},
  )
  for (const _ of [1, 2]) {
    const answer = Effect.runPromise(commits.append(appending(0, [signedOut("alice")])))
    await vi.advanceTimersByTimeAsync(3100)
    expect(await answer).toMatchObject({ _tag: "Appended" })
  }
})

it("a batch holds 100 appends at most, so that the event loop is not held", async () => {
  const sizes: Array<number> = []
  const commits = groupCommit(
    (batch) => {
      sizes.push(batch.length)
      return batch.map(() => ({ _tag: "Appended", position: 0, version: 1 }))
    },
    () => {},
  )
  const answers: Array<AppendOutcome> = []
  for (let caller = 0; caller < 250; caller++) {
    void Effect.runPromise(commits.append(appending(0, [signedOut("alice")]))).then((outcome) => answers.push(outcome))
  }
  await vi.advanceTimersByTimeAsync(10)
  expect(answers).toHaveLength(250)
  expect(sizes).toEqual([100, 100, 50])
})

/** How a log stands: what is said of it beside the checkpoints kept of it, whatever those are. */
import { describe, expect, it } from "vitest"
import { logState } from "../../../src/audit/console/LogState.ts"
import { checkpointNow } from "../../../src/audit/proof/Checkpoints.ts"
import { leafHash, rootOf, signCheckpoint, signingKey } from "../../../src/log/index.ts"
import { logins, run } from "../Logins.ts"
import { memoryCheckpoints } from "../proof/MemoryCheckpoints.ts"

const key = signingKey("localhost:4000", Buffer.alloc(32, 1))

/** A log of some entries, and its root. */
const world = async () => {
  const { store, login } = await logins()
  const whole = () => run(store.readTree(({ size, hashOf }) => ({ size, root: rootOf(hashOf, size) })))
  return { store, login, whole }
}

describe("of a log", () => {
  it("of which no checkpoint is kept all is uncovered", async () => {
    const { store, whole } = await world()
    const state = { ...(await whole()), head: undefined, verification: "none" }
    expect(await run(logState(store, undefined))).toEqual({ ...state, uncoveredCount: state.size })
    const none = { storage: memoryCheckpoints(), key }
    expect(await run(logState(store, none))).toEqual({ ...state, uncoveredCount: state.size })
  })

  it("what was appended since is uncovered, and the longest checkpoint is the one that is named", async () => {
    const { store, login, whole } = await world()
    const shorter = await run(checkpointNow(store, key, memoryCheckpoints()))
    await login()
    const storage = memoryCheckpoints()
    const head = await run(checkpointNow(store, key, storage))
    storage.kept.push(shorter.checkpoint)
    await login()
    const { size, root } = await whole()
    expect(size).toBeGreaterThan(head.size)
    expect(await run(logState(store, { storage, key }))).toEqual({
      size,
      root,
      head,
      verification: "consistent",
      uncoveredCount: size - head.size,
    })
  })

  it("that is just as long as its checkpoint nothing is uncovered", async () => {
    const { store } = await world()
    const storage = memoryCheckpoints()
    await run(checkpointNow(store, key, storage))
    expect(await run(logState(store, { storage, key }))).toMatchObject({
      verification: "consistent",
      uncoveredCount: 0,
    })
  })

  it("nothing is covered by checkpoints of which one contradicts it, or is of more than there is", async () => {
    const { store, whole } = await world()
    const { size } = await whole()
    const { checkpoint } = await run(checkpointNow(store, key, memoryCheckpoints()))
    for (const other of [signCheckpoint(1, leafHash("x"), key), signCheckpoint(size + 1, leafHash("x"), key)]) {
      const state = await run(logState(store, { storage: memoryCheckpoints(checkpoint, other), key }))
      expect(state).toMatchObject({ verification: "inconsistent", uncoveredCount: size })
      expect(state.head).toBeDefined()
    }
  })

  it("that a checkpoint cannot be read is said, and is no fault of the log's", async () => {
    const { store, whole } = await world()
    const { size } = await whole()
    const storage = memoryCheckpoints("no checkpoint")
    expect(await run(logState(store, { storage, key }))).toMatchObject({
      head: undefined,
      verification: "unreadable",
      uncoveredCount: size,
    })
  })
})

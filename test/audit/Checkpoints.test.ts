/** What is signed is consistent with what was signed before, kept whole, and proves its entries to who has the key. */
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { Effect, Result } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { checkpointFiles, openCheckpointKey, originOf, readCheckpointKey } from "../../src/audit/CheckpointFiles.ts"
import { checkpointNow, keptHeads, proveEntry, type CheckpointKeeper } from "../../src/audit/Checkpoints.ts"
import { leafHash, openCheckpoint, signCheckpoint, signingKey, verifyProof } from "../../src/log/index.ts"
import { liveSecrets, memoryStore } from "../../src/provider/index.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { serverOver } from "../support/TestServer.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

const run = Effect.runPromise
const key = signingKey("localhost:4000", Buffer.alloc(32, 1))
const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const keeping = (...kept: Array<string>): CheckpointKeeper & { readonly kept: Array<string> } => ({
  kept,
  read: () => kept,
  write: (checkpoint) => void kept.splice(0, kept.length, checkpoint),
})

/** A log with as many entries as clients were added to it, and one. */
const logWith = async (
  clientCount: number,
): Promise<{ readonly log: ServerStore; readonly add: () => Promise<void> }> => {
  const log = memoryStore()
  const { native } = await serverOver({ store: log })
  const add = async () => void (await run(native.addClient({ metadata: { redirect_uris: ["http://127.0.0.1/"] } })))
  for (let count = 0; count < clientCount; count++) await add()
  return { log, add }
}

const refusal = (effect: ReturnType<typeof checkpointNow>) => run(Effect.flip(effect))

describe("signing", () => {
  it("says size and root of the log as it is, and the same again while nothing was appended", async () => {
    const { log, add } = await logWith(2)
    const keeper = keeping()
    const first = await run(checkpointNow(log, key, keeper))
    expect(openCheckpoint(first.checkpoint, key)).toEqual(
      Result.succeed({ origin: key.name, size: 3, root: first.root }),
    )
    expect((await run(checkpointNow(log, key, keeper))).checkpoint).toBe(first.checkpoint)
    await add()
    expect(await run(checkpointNow(log, key, keeper))).toMatchObject({ size: 4 })
    expect(keptHeads(keeper, key).map(({ size }) => size)).toEqual([4])
  })

  it("is refused for a log that is shorter than the last checkpoint", async () => {
    const { log } = await logWith(1)
    const { size } = await run(log.head)
    const keeper = keeping(signCheckpoint(9, leafHash("x"), key))
    expect(await refusal(checkpointNow(log, key, keeper))).toMatchObject({ reason: "inconsistent" })
    const longer = keeping(signCheckpoint(size + 1, leafHash("x"), key))
    expect(await refusal(checkpointNow(log, key, longer))).toMatchObject({
      reason: "inconsistent",
      message: expect.stringContaining(`the log has ${size} entries, the last checkpoint ${size + 1}`),
    })
    expect(keptHeads(keeper, key)[0]).toMatchObject({ size: 9 })
  })

  it("is refused for a log whose beginning is not the one of every checkpoint kept", async () => {
    const { log } = await logWith(3)
    const right = (await run(checkpointNow(log, key, keeping()))).checkpoint
    const keeper = keeping(right, signCheckpoint(2, leafHash("x"), key))
    expect(await refusal(checkpointNow(log, key, keeper))).toMatchObject({ reason: "inconsistent" })
    expect(keeper.kept).toHaveLength(2)
  })

  it("is refused when what was kept is not signed by this key", async () => {
    const { log } = await logWith(1)
    const other = signingKey(key.name, Buffer.alloc(32, 2))
    const keeper = keeping(signCheckpoint(1, leafHash("x"), other))
    expect(await refusal(checkpointNow(log, key, keeper))).toMatchObject({ reason: "unreadable" })
  })
})

it("every entry is proven under a checkpoint that has it, and none that it has not", async () => {
  const { log } = await logWith(6)
  const { checkpoint, size } = await run(checkpointNow(log, key, keeping()))
  for (let position = 0; position < size; position++) {
    const proven = (await run(proveEntry(log, position, size)))!
    expect(verifyProof({ ...proven, checkpoint }, key, leafHash)).toMatchObject({ success: { size } })
  }
  expect(await run(proveEntry(log, size, size))).toBeUndefined()
})

describe("the files", () => {
  const none = checkpointFiles([])

  it("of a key are made once, for their owner alone, and read ever after", () => {
    const path = folder.at("key.json")
    const made = openCheckpointKey(path, "https://id.example.com/a+b", liveSecrets, none)
    expect(made.name).toBe(originOf("https://id.example.com/a+b"))
    expect(made.name).toBe("id.example.com/a%2Bb")
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(openCheckpointKey(path, "https://elsewhere.example", liveSecrets, none).id).toBe(made.id)
    expect(readCheckpointKey(path).id).toBe(made.id)
  })

  it("of a key that is none, or not there, are refused with a sentence", () => {
    writeFileSync(folder.at("bad.json"), "{}")
    expect(() => readCheckpointKey(folder.at("bad.json"))).toThrow("is no checkpoint key")
    expect(() => readCheckpointKey(folder.at("none.json"))).toThrow("cannot be read (ENOENT)")
    expect(() => openCheckpointKey(folder.at("no/where.json"), "http://localhost:1", liveSecrets, none)).toThrow(
      "must be writable",
    )
  })

  it("of a key that is gone are not made anew beside what it signed", () => {
    const [path, kept] = [folder.at("gone.json"), folder.at("signed")]
    writeFileSync(kept, "a checkpoint")
    const open = () => openCheckpointKey(path, "http://localhost:1", liveSecrets, checkpointFiles([kept]))
    expect(open).toThrow(`the checkpoint key \`${path}\` is gone, and checkpoints that it signed are kept`)
    expect(existsSync(path)).toBe(false)
    rmSync(kept)
    expect(open().id).toBe(readCheckpointKey(path).id)
  })

  it("of checkpoints are replaced whole in every place, and leave nothing beside them", () => {
    const places = [folder.at("one"), folder.at("two")]
    const keeper = checkpointFiles(places)
    expect(keeper.read()).toEqual([])
    for (const text of ["first", "second"]) {
      keeper.write(text)
      expect(keeper.read()).toEqual([text, text])
    }
    expect(readFileSync(places[1]!, "utf8")).toBe("second")
    expect(readdirSync(folder.at(".")).filter((name) => name.includes(".next"))).toEqual([])
  })

  it("of checkpoints that cannot be written are a fault that names the place", () => {
    expect(() => checkpointFiles([folder.at("no/where")]).write("text")).toThrow("cannot be kept at")
    mkdirSync(folder.at("a-folder"))
    expect(() => checkpointFiles([folder.at("a-folder")]).read()).toThrow("cannot be read")
    expect(existsSync(folder.at("no"))).toBe(false)
    chmodSync(folder.at("a-folder"), 0o700)
  })
})

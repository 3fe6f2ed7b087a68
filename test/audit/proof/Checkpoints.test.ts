/** What is signed is consistent with what was signed before, kept whole, and proves its entries to who has the key. */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { Effect, Result } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { checkpointFiles, keyFromText, logNameOf, newKeyText } from "../../../src/audit/proof/CheckpointFiles.ts"
import { checkpointNow, keptHeads, proveEntry } from "../../../src/audit/proof/Checkpoints.ts"
import { leafHash, openCheckpoint, signCheckpoint, signingKey, verifyProof } from "../../../src/log/index.ts"
import { liveRandomness, memoryStore } from "../../../src/provider/index.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { serverOver } from "../../support/TestServer.ts"
import { memoryCheckpoints } from "./MemoryCheckpoints.ts"
import type { ServerStore } from "../../../src/provider/ServerStore.ts"

const run = Effect.runPromise
const key = signingKey("localhost:4000", Buffer.alloc(32, 1))
const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

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
    const storage = memoryCheckpoints()
    const first = await run(checkpointNow(log, key, storage))
    expect(openCheckpoint(first.checkpoint, key)).toEqual(
      Result.succeed({ origin: key.name, size: 3, root: first.root }),
    )
    expect((await run(checkpointNow(log, key, storage))).checkpoint).toBe(first.checkpoint)
    await add()
    expect(await run(checkpointNow(log, key, storage))).toMatchObject({ size: 4 })
    expect((await run(keptHeads(storage, key))).map(({ size }) => size)).toEqual([4])
  })

  it("is in the order of sizes where several are kept", async () => {
    const notes = [3, 1, 2].map((size) => signCheckpoint(size, leafHash("x"), key))
    const heads = await run(keptHeads(memoryCheckpoints(...notes), key))
    expect(heads.map(({ size, checkpoint }) => [size, checkpoint])).toEqual([
      [1, notes[1]],
      [2, notes[2]],
      [3, notes[0]],
    ])
    await expect(run(keptHeads(memoryCheckpoints("no note"), key))).rejects.toMatchObject({
      reason: "unreadable",
      message: expect.stringMatching(/^the checkpoint kept: ./),
    })
  })

  it("is refused for a log that is shorter than the last checkpoint", async () => {
    const { log } = await logWith(1)
    const { size } = await run(log.head)
    const storage = memoryCheckpoints(signCheckpoint(9, leafHash("x"), key))
    expect(await refusal(checkpointNow(log, key, storage))).toMatchObject({ reason: "inconsistent" })
    const longer = memoryCheckpoints(signCheckpoint(size + 1, leafHash("x"), key))
    expect(await refusal(checkpointNow(log, key, longer))).toMatchObject({
      reason: "inconsistent",
      message: expect.stringContaining(`the log has ${size} entries, the last checkpoint ${size + 1}`),
    })
    expect((await run(keptHeads(storage, key)))[0]).toMatchObject({ size: 9 })
  })

  it("is refused for a log whose beginning is not the one of every checkpoint kept", async () => {
    const { log } = await logWith(3)
    const right = (await run(checkpointNow(log, key, memoryCheckpoints()))).checkpoint
    const storage = memoryCheckpoints(right, signCheckpoint(2, leafHash("x"), key))
    expect(await refusal(checkpointNow(log, key, storage))).toMatchObject({ reason: "inconsistent" })
    expect(storage.kept).toHaveLength(2)
  })

  it("is refused when what was kept is not signed by this key", async () => {
    const { log } = await logWith(1)
    const other = signingKey(key.name, Buffer.alloc(32, 2))
    const storage = memoryCheckpoints(signCheckpoint(1, leafHash("x"), other))
    expect(await refusal(checkpointNow(log, key, storage))).toMatchObject({ reason: "unreadable" })
  })
})

it("every entry is proven under a checkpoint that has it, and none that it has not", async () => {
  const { log } = await logWith(6)
  const { checkpoint, size } = await run(checkpointNow(log, key, memoryCheckpoints()))
  for (let position = 0; position < size; position++) {
    const proven = (await run(proveEntry(log, position, size)))!
    expect(verifyProof({ ...proven, checkpoint }, key, leafHash)).toMatchObject({ success: { size } })
  }
  expect(await run(proveEntry(log, size, size))).toBeUndefined()
  expect(await run(proveEntry(log, size - 1, size - 1))).toBeUndefined()
})

describe("the files", () => {
  const open = (path: string, ...kept: ReadonlyArray<string>) => checkpointFiles(path, [`${path}.note`, ...kept])
  const made = (path: string, issuer = "http://localhost:1") => run(open(path).openKey(issuer, liveRandomness))

  it("of a key are made once, for their owner alone, and read ever after", async () => {
    const path = folder.at("key.json")
    const { id, name } = await made(path, "https://id.example.com/a+b")
    expect(name).toBe(logNameOf("https://id.example.com/a+b"))
    expect(name).toBe("id.example.com/a%2Bb")
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect((await made(path, "https://elsewhere.example")).id).toBe(id)
    expect((await run(open(path).readKey)).id).toBe(id)
  })

  it("of a key that is none, or not there, are refused with a sentence", async () => {
    writeFileSync(folder.at("bad.json"), "{}")
    await expect(run(open(folder.at("bad.json")).readKey)).rejects.toThrow("is no checkpoint key")
    await expect(run(open(folder.at("none.json")).readKey)).rejects.toThrow("cannot be read (ENOENT)")
    await expect(made(folder.at("no/where.json"))).rejects.toThrow("must be writable")
  })

  it("of a key that is gone are not made anew beside what it signed", async () => {
    const [path, kept] = [folder.at("gone.json"), folder.at("signed")]
    writeFileSync(kept, "a checkpoint")
    const openKey = () => run(open(path, kept).openKey("http://localhost:1", liveRandomness))
    await expect(openKey()).rejects.toThrow(
      `the checkpoint key \`${path}\` is gone, and checkpoints that it signed are kept`,
    )
    expect(existsSync(path)).toBe(false)
    rmSync(kept)
    expect((await openKey()).id).toBe((await run(open(path).readKey)).id)
  })

  it("of checkpoints are replaced whole in every place, and leave nothing beside them", async () => {
    const [path, copy] = [folder.at("replaced.json"), folder.at("copy")]
    const ownKey = await made(path)
    const storage = open(path, copy)
    expect(await run(storage.read)).toEqual([])
    let before: ReadonlyArray<string> = []
    for (const text of ["first", "second"]) {
      expect(await run(storage.replace(before, text, ownKey))).toBe(true)
      before = await run(storage.read)
      expect(before).toEqual([text, text])
    }
    expect(readFileSync(copy, "utf8")).toBe("second")
    expect(readdirSync(folder.at(".")).filter((name) => name.includes(".next"))).toEqual([])
  })

  it("of a key are those of another process that made it at the same time", async () => {
    const path = folder.at("raced.json")
    const other = newKeyText("https://other.example", liveRandomness)
    const bytes = (count: number) => {
      writeFileSync(path, other)
      return liveRandomness.bytes(count)
    }
    const key = await run(open(path).openKey("https://id.example.com", { bytes }))
    expect(key.id).toBe(keyFromText(other, path).id)
    expect(key.name).toBe("other.example")
  })

  it("of a key are refused unless they hold a name and 32 bytes", () => {
    const seed = Buffer.alloc(32, 1).toString("base64url")
    const text = (over: object) => JSON.stringify({ name: "a", seed, ...over })
    expect(keyFromText(text({}), "here").id).toBe(signingKey("a", Buffer.alloc(32, 1)).id)
    for (const bad of [
      text({ seed: `${seed}A` }),
      text({ seed: seed.slice(1) }),
      text({ seed: `!${seed}` }),
      text({ name: 1 }),
      "no JSON",
    ]) {
      const refused = expect.objectContaining({ reason: "no-key", message: "`here` is no checkpoint key" })
      expect(() => keyFromText(bad, "here")).toThrow(refused)
    }
    expect(logNameOf("http://localhost:1/a")).toBe("localhost:1/a")
  })

  it("of checkpoints are a fault where a copy cannot be written, or something not be put aside", async () => {
    const path = folder.at("copied.json")
    const key = await made(path)
    const nowhere = folder.at("not/there")
    await expect(run(open(path, nowhere).replace([], "text", key))).rejects.toMatchObject({
      reason: "not-kept",
      message: `the checkpoint cannot be kept at \`${nowhere}\` (ENOENT): make it writable`,
    })
    mkdirSync(`${path}.until-5`)
    await expect(run(open(path).setAside(5))).rejects.toMatchObject({
      reason: "not-kept",
      message: `\`${path}\` cannot be renamed (EISDIR): make its folder writable`,
    })
    await expect(
      run(open(folder.at("not/there.json")).openKey("https://a.example", liveRandomness)),
    ).rejects.toMatchObject({
      reason: "no-key",
      message: expect.stringContaining("its folder must be writable"),
    })
    mkdirSync(folder.at("unreadable.json.note"))
    await expect(run(open(folder.at("unreadable.json")).read)).rejects.toMatchObject({ reason: "unreadable" })
  })

  it("of checkpoints that cannot be written are a fault that names the place", async () => {
    const path = folder.at("unwritable.json")
    const ownKey = await made(path)
    const nowhere = checkpointFiles(path, [folder.at("no/where")])
    await expect(run(nowhere.replace([], "text", ownKey))).rejects.toMatchObject({
      _tag: "CheckpointFault",
      reason: "not-kept",
      message: expect.stringContaining(`the checkpoint cannot be kept at \`${folder.at("no/where")}\`: `),
    })
    mkdirSync(folder.at("a-folder"))
    await expect(run(open(path, folder.at("a-folder")).read)).rejects.toThrow("cannot be read")
    expect(existsSync(folder.at("no"))).toBe(false)
  })
})

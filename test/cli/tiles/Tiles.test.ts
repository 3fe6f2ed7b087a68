/** The tree of a log as files: who has only them and the verifier key computes what was signed. */
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { growingLog, type GrowingLog } from "../../support/GrowingLog.ts"
import { expectWhole, headOf, type Read } from "../../support/PublishedTree.ts"
import { openWitness } from "../../support/Witness.ts"

const folder = temporaryFolder()
const ENTRIES = 300
let log: GrowingLog

beforeAll(async () => {
  log = await growingLog(folder.at("grantlog.db"))
  await log.grow(ENTRIES)
})

afterAll(() => folder[Symbol.dispose]())

describe("grantlog tiles", () => {
  const publish = (to: string, ...flags: ReadonlyArray<string>) => grantlogHere(["tiles", to, ...log.store, ...flags])
  const written = async (to: string) =>
    (await grantlogJsonHere<{ writtenTileCount: number }>(["tiles", to, ...log.store])).writtenTileCount
  const filesIn = (to: string) =>
    readdirSync(to, { recursive: true, encoding: "utf8" }).filter((name) => statSync(join(to, name)).isFile())

  it("writes what any web server can serve, and goes on where it has tiles", async () => {
    const to = folder.at("published")
    expect(await written(to)).toBe(3)
    const read: Read = async (path) => readFileSync(join(to, path))
    const size = await expectWhole(read)
    expect(filesIn(to).toSorted()).toEqual(["checkpoint", "tile/0/000", `tile/0/001.p/${size - 256}`, "tile/1/000.p/1"])
    expect(statSync(join(to, "tile/0/000")).mode & 0o777).toBe(0o644)
    const first = statSync(join(to, "tile/0/000")).ino
    expect(await written(to)).toBe(0)
    await log.grow(512 - size)
    expect(await written(to)).toBe(2)
    expect(statSync(join(to, "tile/0/000")).ino).toBe(first)
    // What is whole needs no part of it any more.
    expect(
      filesIn(to)
        .filter((name) => name.startsWith("tile/0/"))
        .toSorted(),
    ).toEqual(["tile/0/000", "tile/0/001"])
    expect(headOf(readFileSync(join(to, "checkpoint"), "utf8")).size).toBe(512)
  })

  it("writes its own tiles where another log's were left without a checkpoint", async () => {
    const other = await growingLog(folder.at("left.db"))
    await other.grow(ENTRIES)
    const to = folder.at("left")
    expect((await grantlogHere(["tiles", to, ...other.store])).code).toBe(0)
    rmSync(join(to, "checkpoint"))
    expect((await publish(to)).code).toBe(0)
  })

  it("leaves a folder alone that shows another log, or more than this one has", async () => {
    const other = await growingLog(folder.at("other.db"))
    const to = folder.at("others")
    expect((await grantlogHere(["tiles", to, ...other.store])).code).toBe(0)
    const before = readFileSync(join(to, "checkpoint"), "utf8")
    const refused = await publish(to)
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is no checkpoint of this log: ")])
    expect(readFileSync(join(to, "checkpoint"), "utf8")).toBe(before)

    // The same key over another history: a log that was put back with all that lies beside it.
    const back = folder.at("back")
    expect((await publish(back)).code).toBe(0)
    const { size, origin } = headOf(readFileSync(join(back, "checkpoint"), "utf8"))
    const { seed } = JSON.parse(readFileSync(`${log.file}.checkpoint-key.json`, "utf8")) as { seed: string }
    writeFileSync(`${other.file}.checkpoint-key.json`, JSON.stringify({ name: origin, seed }))
    rmSync(`${other.file}.checkpoint`)
    const cut = await grantlogHere(["tiles", back, ...other.store])
    expect([cut.code, cut.stderr]).toEqual([1, expect.stringContaining("has a checkpoint that this log contradicts")])
    expect(headOf(readFileSync(join(back, "checkpoint"), "utf8")).size).toBe(size)
  })

  it("publishes only what witnesses cosigned for who demands that", async () => {
    await using witness = await openWitness("w2.example")
    const key = ["--witness-key", witness.vkey]
    const to = folder.at("witnessed")
    const none = await publish(to, ...key)
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining("no checkpoint is kept that enough witnesses"),
    ])
    expect(existsSync(to)).toBe(false)
    const { verifierKey } = await grantlogJsonHere<{ verifierKey: string }>(["checkpoint", ...log.store])
    witness.trust(verifierKey)
    await grantlogJsonHere(["checkpoint", ...log.store, "--witness", witness.url, ...key])
    const cosigned = witness.sizeOf(verifierKey.split("+")[0]!)
    // The same tree without them does not take their place.
    const same = folder.at("witnessed-same")
    expect([(await publish(same, ...key)).code, (await publish(same)).code]).toEqual([0, 0])
    expect(readFileSync(join(same, "checkpoint"), "utf8")).toContain("\n— w2.example ")
    const plain = folder.at("plain")
    expect((await publish(plain)).code).toBe(0)
    expect(readFileSync(join(plain, "checkpoint"), "utf8")).not.toContain("w2.example")
    expect((await publish(plain, ...key)).code).toBe(0)
    expect(readFileSync(join(plain, "checkpoint"), "utf8")).toContain("\n— w2.example ")
    await log.grow(1)
    expect((await publish(to, ...key)).code).toBe(0)
    const checkpoint = readFileSync(join(to, "checkpoint"), "utf8")
    expect(checkpoint).toContain("\n— w2.example ")
    expect(headOf(checkpoint).size).toBe(cosigned)
    // A folder that is ahead of it stays as it is.
    expect((await publish(to)).code).toBe(0)
    expect((await publish(to, ...key)).code).toBe(0)
    expect(headOf(readFileSync(join(to, "checkpoint"), "utf8")).size).toBe(cosigned + 1)
  })

  it("says what keeps it from writing", async () => {
    const to = folder.at("a-file")
    writeFileSync(to, "")
    const refused = await publish(to)
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/cannot be (?:read|written) \(ENOTDIR\)|cannot be written \(EEXIST\)/)
  })
})

/** The tree of a log as tiles, served and as files: who has only them and the verifier key computes what was signed. */
import { execFile } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { growingLog, type GrowingLog } from "../support/GrowingLog.ts"
import { openWitness } from "../support/Witness.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "./support/InProcess.ts"
import { serve } from "./support/ServeProcess.ts"

const folder = temporaryFolder()
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))
const ENTRIES = 300
let log: GrowingLog

beforeAll(async () => {
  log = await growingLog(folder.at("grantlog.db"))
  await log.grow(ENTRIES)
})

afterAll(() => folder[Symbol.dispose]())

const headOf = (checkpoint: string) => {
  const [origin, size, root] = checkpoint.split("\n")
  return { origin, size: Number(size), root }
}

/** RFC 9162 2.1.1 over leaves, as it is written there. */
const rootOver = (leaves: ReadonlyArray<Buffer>): Buffer => {
  if (leaves.length === 1) return leaves[0]!
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  const halves = [leaves.slice(0, split), leaves.slice(split)].map(rootOver)
  return createHash("sha256").update(Buffer.of(1)).update(Buffer.concat(halves)).digest()
}

const hashesIn = (bytes: Buffer): ReadonlyArray<Buffer> =>
  Array.from({ length: bytes.length / 32 }, (_, index) => bytes.subarray(32 * index, 32 * index + 32))

/** What is read at a path of a log; rejects for anything that is not there. */
type Read = (path: string) => Promise<Buffer>

const expectWhole = async (read: Read): Promise<number> => {
  const { size, root } = headOf((await read("checkpoint")).toString())
  expect(size).toBeGreaterThan(256)
  expect(size).toBeLessThan(512)
  const [first, second] = [await read("tile/0/000"), await read(`tile/0/001.p/${size - 256}`)]
  expect(first).toHaveLength(8192)
  const leaves = [...hashesIn(first), ...hashesIn(second)]
  expect(leaves).toHaveLength(size)
  expect(rootOver(leaves).toString("base64")).toBe(root)
  expect(await read("tile/1/000.p/1")).toEqual(rootOver(hashesIn(first)))
  return size
}

const readFrom =
  (prefix: string): Read =>
  async (path) => {
    const response = await fetch(`${prefix}/${path}`)
    if (response.status !== 200) throw new Error(`${path}: ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  }

describe("a server with --tiles-port", () => {
  it("publishes tree and checkpoint on a port of their own, to be kept as long as they are good", async () => {
    await using server = await serve(log.file, "--issuer", log.issuer, "--tiles-port", "0")
    const prefix = server.tilesUrl
    await expectWhole(readFrom(prefix))
    const whole = await fetch(`${prefix}/tile/0/000`)
    expect(Object.fromEntries(whole.headers)).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "8192",
      "cache-control": "public, max-age=31536000, immutable",
    })
    const checkpoint = await fetch(`${prefix}/checkpoint`)
    expect(Object.fromEntries(checkpoint.headers)).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "public, max-age=5",
    })
    const head = await fetch(`${prefix}/tile/0/000`, { method: "HEAD" })
    expect([head.status, head.headers.get("content-length"), (await head.arrayBuffer()).byteLength]).toEqual([
      200,
      "8192",
      0,
    ])
    expect((await fetch(`${prefix}/tile/0/000`, { method: "POST" })).status).toBe(405)
    // The server's own port has none of it.
    expect((await fetch(`${server.url}/tile/0/000`)).status).toBe(404)
    expect((await fetch(`${server.url}/checkpoint`)).status).toBe(404)
    expect(server.complaints()).toBe("")
    expect(await server.stop()).toBe(0)
  })

  it("answers 404 for what the log has not, to be kept by nobody, and says why it has no entries", async () => {
    await using server = await serve(log.file, "--issuer", log.issuer, "--tiles-port", "0")
    const get = async (path: string) => {
      const response = await fetch(server.tilesUrl + path)
      return [response.status, response.headers.get("cache-control"), await response.text()]
    }
    const missing = [
      "/",
      "/tile",
      "/tile/0/001",
      "/tile/0/0",
      "/tile/0/000.p/256",
      "/tile/1/000",
      "/tile/64/000",
      "/metrics",
    ]
    for (const path of [
      ...missing,
      "/tile/9/000.p/1",
      "/tile/63/x999/x999/x999/x999/999",
      "/checkpoint/",
      "//checkpoint",
    ])
      expect([path, (await get(path)).slice(0, 2)]).toEqual([path, [404, "no-store"]])
    for (const path of ["/tile/entries/000", "/tile/entries/001.p/3"])
      expect(await get(path)).toEqual([
        404,
        "no-store",
        expect.stringContaining("entries are not published: they carry digests"),
      ])
    expect(await server.stop()).toBe(0)
  })

  it("publishes what witnesses cosigned, where it has them", async () => {
    await using witness = await openWitness("w.example")
    const { verifierKey } = await grantlogJsonHere<{ verifierKey: string }>(["checkpoint", ...log.store])
    witness.trust(verifierKey)
    const flags = ["--witness", witness.url, "--witness-key", witness.vkey, "--witness-quorum", "1"]
    await using server = await serve(log.file, "--issuer", log.issuer, "--tiles-port", "0", ...flags)
    const checkpoint = await (await fetch(`${server.tilesUrl}/checkpoint`)).text()
    expect(checkpoint).toContain("\n— w.example ")
    expect(await server.stop()).toBe(0)
  })
})

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

  it("writes its own tiles where another log's were left without a checkpoint, in folders that anybody may read", async () => {
    const other = await growingLog(folder.at("left.db"))
    await other.grow(ENTRIES)
    const [to, own] = [folder.at("left"), folder.at("own")]
    expect((await grantlogHere(["tiles", to, ...other.store])).code).toBe(0)
    rmSync(join(to, "checkpoint"))
    expect((await publish(to)).code).toBe(0)
    // Of somebody whose files are private by default.
    const args = ["-c", 'umask 077 && exec "$0" "$@"', process.execPath, MAIN, "tiles", own, ...log.store]
    await promisify(execFile)("sh", args)
    for (const name of filesIn(own))
      expect(readFileSync(join(to, name)).equals(readFileSync(join(own, name)))).toBe(true)
    for (const made of ["", "tile", "tile/0"]) expect(statSync(join(own, made)).mode & 0o777).toBe(0o755)
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

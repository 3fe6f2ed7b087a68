/** The tree of a log as tiles, served, and as files of somebody whose files are private by default. */
import { execFile } from "node:child_process"
import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { growingLog, type GrowingLog } from "../support/GrowingLog.ts"
import { expectWhole, type Read } from "../support/PublishedTree.ts"
import { openWitness } from "../support/Witness.ts"
import { MAIN } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogJsonHere } from "./support/InProcess.ts"
import { serve } from "./support/ServeProcess.ts"

const folder = temporaryFolder()
const ENTRIES = 300
let log: GrowingLog

beforeAll(async () => {
  log = await growingLog(folder.at("grantlog.db"))
  await log.grow(ENTRIES)
})

afterAll(() => folder[Symbol.dispose]())

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

it("files are for anybody to read, of somebody whose files are private by default", async () => {
  const own = folder.at("own")
  const args = ["-c", 'umask 077 && exec "$0" "$@"', process.execPath, MAIN, "tiles", own, ...log.store]
  await promisify(execFile)("sh", args)
  for (const made of ["", "tile", "tile/0"]) expect(statSync(join(own, made)).mode & 0o777).toBe(0o755)
  const files = readdirSync(own, { recursive: true, encoding: "utf8" }).filter((name) =>
    statSync(join(own, name)).isFile(),
  )
  expect(files.length).toBeGreaterThan(3)
  for (const name of files) expect(statSync(join(own, name)).mode & 0o777).toBe(0o644)
})

/** A folder of tiles: what is written into it and what stays, and why a folder is left alone. */
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { beforeEach, describe, expect, it, onTestFinished } from "vitest"
import { writeTiles } from "../../../src/cli/tiles/WriteTiles.ts"
import { rootOf, signCheckpoint, signingKey, type EventLog, type SubtreeHash } from "../../../src/log/index.ts"
import { temporaryFolder, type Folder } from "../../live/support/Folder.ts"
import { cosigner } from "../../support/Witness.ts"

const sha256 = (...parts: ReadonlyArray<Buffer>) => createHash("sha256").update(Buffer.concat(parts)).digest()

/** The tree of made-up leaves, by RFC 9162 2.1.1; another log has others. */
const treeOf = (name: string): SubtreeHash => {
  const hashes = new Map<string, Buffer>()
  const hash = (level: number, index: number): Buffer => {
    const known = hashes.get(`${level}/${index}`)
    if (known !== undefined) return known
    const made =
      level === 0
        ? sha256(Buffer.from(`${name} ${index}`))
        : sha256(Buffer.of(1), hash(level - 1, 2 * index), hash(level - 1, 2 * index + 1))
    hashes.set(`${level}/${index}`, made)
    return made
  }
  return (level, index) => hash(level, index).toString("base64url")
}

const key = signingKey("id.example.com", Buffer.alloc(32, 1))
const hashOf = treeOf("own")
const logOf = (size: number, tree = hashOf) =>
  ({
    readTree: (body: (tree: object) => unknown) => Effect.sync(() => body({ size, hashOf: tree })),
  }) as unknown as EventLog
const headOf = (size: number, tree = hashOf) => {
  const root = rootOf(tree, size)
  return { origin: key.name, size, root, checkpoint: signCheckpoint(size, root, key) }
}

let folder: Folder
let to: string
let checkpoint: string

beforeEach(() => {
  folder = temporaryFolder()
  onTestFinished(() => folder[Symbol.dispose]())
  to = folder.at("published")
  checkpoint = join(to, "checkpoint")
})

const write = (size: number, head = headOf(size), where = to) =>
  Effect.runSync(writeTiles(logOf(size), key, head, where))
const refused = (log: EventLog, head = headOf(300), where = to) => {
  const { _tag, message } = Effect.runSync(Effect.flip(writeTiles(log, key, head, where)))
  return [_tag, message]
}
const files = () =>
  readdirSync(to, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(to, name)).isFile())
    .toSorted()
const hashesIn = (path: string) => {
  const bytes = readFileSync(join(to, path))
  return Array.from({ length: bytes.length / 32 }, (_, at) =>
    bytes.subarray(32 * at, 32 * at + 32).toString("base64url"),
  )
}
const put = (path: string, content: string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}

describe("a folder", () => {
  it("has every tile under the checkpoint, and each is written once", () => {
    expect(write(300)).toEqual({ size: 300, tileCount: 3 })
    expect(files()).toEqual(["checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1"])
    expect(hashesIn("tile/0/001.p/44")).toEqual(Array.from({ length: 44 }, (_, index) => hashOf(0, 256 + index)))
    expect(hashesIn("tile/1/000.p/1")).toEqual([hashOf(8, 0)])
    expect(readFileSync(checkpoint, "utf8")).toBe(headOf(300).checkpoint)
    expect(write(300)).toEqual({ size: 300, tileCount: 0 })
  })

  it("loses the part of a tile once that is whole, and stays as it is where it is ahead", () => {
    write(300)
    expect(write(513)).toEqual({ size: 513, tileCount: 3 })
    expect(files()).toEqual([
      "checkpoint",
      "tile/0/000",
      "tile/0/001",
      "tile/0/002.p/1",
      "tile/1/000.p/1",
      "tile/1/000.p/2",
    ])
    const ahead = Effect.runSync(writeTiles(logOf(600), key, headOf(400), to))
    expect(ahead).toEqual({ size: 513, tileCount: 0 })
    expect(readFileSync(checkpoint, "utf8")).toBe(headOf(513).checkpoint)
    expect(existsSync(join(to, "tile/0/001.p/144"))).toBe(false)
  })

  it("of an empty log has a checkpoint alone", () => {
    expect(write(0)).toEqual({ size: 0, tileCount: 0 })
    expect(files()).toEqual(["checkpoint"])
  })

  it("has its own tiles, where another log's were left without a checkpoint", () => {
    put(join(to, "tile/0/000"), "another log's")
    expect(write(300)).toEqual({ size: 300, tileCount: 3 })
    expect(hashesIn("tile/0/000")).toEqual(Array.from({ length: 256 }, (_, index) => hashOf(0, index)))
  })
})

describe("a checkpoint that witnesses cosigned", () => {
  const [one, two, three] = ["w1.example", "w2.example", "w3.example"].map((name) => cosigner(name, "ed25519"))
  const by = (...witnesses: ReadonlyArray<typeof one>) => {
    const head = headOf(10)
    const body = head.checkpoint.slice(0, head.checkpoint.lastIndexOf("\n\n") + 1)
    return { ...head, checkpoint: head.checkpoint + witnesses.map((witness) => witness!.sign(body)).join("") }
  }
  it.each([
    ["stays where the same tree comes without them", by(one), by(), "first"],
    ["stays where the same tree comes by fewer of them", by(one, two), by(two), "first"],
    ["goes where more of them cosigned the same tree", by(one), by(one, two), "second"],
    ["goes where others cosigned the same tree", by(one), by(two), "second"],
    ["goes where one of others did, though fewer", by(one, two), by(three), "second"],
  ])("%s", (_, first, second, kept) => {
    write(10, first)
    write(10, second)
    expect(readFileSync(checkpoint, "utf8")).toBe((kept === "first" ? first : second).checkpoint)
  })

  it("goes where the same one cosigned the same tree again", () => {
    const head = headOf(10)
    const body = head.checkpoint.slice(0, head.checkpoint.lastIndexOf("\n\n") + 1)
    const [first, again] = [1, 2].map((seconds) => head.checkpoint + one!.sign(body, seconds))
    write(10, { ...head, checkpoint: first! })
    write(10, { ...head, checkpoint: again! })
    expect(readFileSync(checkpoint, "utf8")).toBe(again)
  })

  it("goes where the log grew", () => {
    write(10, by(one))
    write(11)
    expect(readFileSync(checkpoint, "utf8")).toBe(headOf(11).checkpoint)
  })
})

describe("a folder is left alone", () => {
  it.each([
    ["text", "no note"],
    ["nothing", ""],
    ["more than a note may be", "x".repeat(2_000_000)],
    [
      "another log's checkpoint",
      signCheckpoint(1, rootOf(hashOf, 1), signingKey("other.example", Buffer.alloc(32, 2))),
    ],
  ])("that has %s for a checkpoint", (_, text) => {
    put(checkpoint, text)
    const [tag, message] = refused(logOf(300))
    expect(tag).toBe("CommandFault")
    expect(message!.replace(/: .*;/, ": …;")).toBe(
      `\`${checkpoint}\` is no checkpoint of this log: …; name another folder`,
    )
    expect([readFileSync(checkpoint, "utf8"), files()]).toEqual([text, ["checkpoint"]])
  })

  it("whose checkpoint the log contradicts", () => {
    write(300)
    const message = `\`${checkpoint}\` has a checkpoint that this log contradicts: it was cut, restored or rewritten since; run grantlog verify`
    const other = treeOf("other")
    expect(refused(logOf(300, other), headOf(300, other))).toEqual(["CommandFault", message])
    expect(refused(logOf(299), headOf(299))).toEqual(["CommandFault", message])
    expect(refused(logOf(400, other), headOf(400, other))).toEqual(["CommandFault", message])
    expect(readFileSync(checkpoint, "utf8")).toBe(headOf(300).checkpoint)
  })

  it("that cannot be read or written, and it is said why", () => {
    mkdirSync(checkpoint, { recursive: true })
    expect(refused(logOf(300))).toEqual(["CommandFault", `\`${checkpoint}\` cannot be read (EISDIR)`])
    const file = folder.at("a-file")
    writeFileSync(file, "")
    const [, message] = refused(logOf(300), headOf(300), file)
    expect(message).toMatch(/a-file\/tile\/0\/000` cannot be written \((?:ENOTDIR|EEXIST)\)$/)
    const empty = folder.at("empty-log")
    writeFileSync(empty, "")
    const [, unwritten] = refused(logOf(0), headOf(0), empty)
    expect(unwritten).toMatch(/empty-log\/checkpoint` cannot be written \((?:ENOTDIR|EEXIST)\)$/)
  })
})

/** An archive gives back what was put in it, entry by entry, and nothing else is taken for one. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import {
  leafHash,
  openArchive,
  openNodeSqlite,
  writeArchive,
  type ArchiveFile,
  type RetiredStream,
  type StoredEntry,
} from "../../src/log/index.ts"
import { onFile, temporaryFolder } from "./Connections.ts"

const entry = (position: number, stream: string, version: number): StoredEntry => {
  const bytes = JSON.stringify({ position, stream, version })
  return { position, stream, version, recordedAt: 1000 + position, bytes, leaf: leafHash(bytes) }
}

const b: RetiredStream = { stream: "grant-b", version: 3, diedAt: 9, clientId: "app", keyIds: ["key-1", "key-2"] }
const a: RetiredStream = { stream: "grant-a", version: 1, diedAt: 8, clientId: null, keyIds: [] }
const entries = [entry(2, b.stream, 1), entry(4, b.stream, 2), entry(7, b.stream, 3)]
const [first, second, third] = entries as [StoredEntry, StoredEntry, StoredEntry]
const only = entry(5, a.stream, 1)
const hash = leafHash("beside")

const written = (path: string, finish = true): string => {
  const writer = writeArchive(path)
  writer.add(b, entries)
  writer.add(a, [only])
  writer.addHashes([{ level: 4, index: 3, hash }])
  if (finish) writer.finish("what was signed")
  else writer.close()
  return path
}

const opened = (path: string): ArchiveFile => {
  const archive = openArchive(path)
  onTestFinished(() => archive.close())
  return archive
}

describe("an archive", () => {
  it("says what was signed about it, and gives its entries by position", () => {
    const path = written(join(temporaryFolder(), "old.archive"))
    const archive = opened(path)
    expect([archive.path, archive.statement]).toEqual([path, "what was signed"])
    expect(archive.stored(0, 9)).toEqual([first, second, only, third])
    expect(archive.stored(4, 2)).toEqual([second, only])
    expect(archive.stored(8, 9)).toEqual([])
  })

  it("gives its entries stream by stream, and those of one behind a version", () => {
    const archive = opened(written(join(temporaryFolder(), "old.archive")))
    expect(archive.byStream(undefined, 9)).toEqual([only, first, second, third])
    expect(archive.byStream(first, 1)).toEqual([second])
    expect(archive.ofStream(b.stream, 0, Number.POSITIVE_INFINITY)).toEqual(entries)
    expect(archive.ofStream(b.stream, 1, 1)).toEqual([second])
    expect(archive.ofStream("grant-c", 0, 9)).toEqual([])
  })

  it("names its streams, what they leave behind, and the hashes of what is beside it", () => {
    const archive = opened(written(join(temporaryFolder(), "old.archive")))
    const plain = (one: RetiredStream | undefined) => ({ ...one, archive: undefined })
    expect(archive.streams("", 9).map(plain)).toEqual([a, b].map(plain))
    expect(archive.streams("", 1).map(plain)).toEqual([plain(a)])
    expect(archive.streams(a.stream, 9).map(plain)).toEqual([plain(b)])
    expect(plain(archive.stream(b.stream))).toEqual(plain(b))
    expect(archive.stream("grant-c")).toBeUndefined()
    expect(archive.hashBeside(4, 3)).toBe(hash)
    expect(archive.hashBeside(4, 2)).toBeUndefined()
  })

  it("has nothing signed about it while it is written, and cannot be read before it is finished", () => {
    const path = join(temporaryFolder(), "half.archive")
    const writer = writeArchive(path)
    expect(writer.statement).toBe("")
    writer.add(a, [only])
    expect(writer.stored(0, 9)).toEqual([only])
    writer.close()
    expect(() => openArchive(path)).toThrow(`\`${path}\` is no archive, or one that was not finished`)
  })
})

describe("no archive", () => {
  const edits: ReadonlyArray<readonly [string, string]> = [
    ["one with a table too many", "CREATE TABLE photos (id INTEGER)"],
    ["one that lacks a table", "DROP TABLE subtrees"],
    ["one whose entries may stand anywhere", "DROP TABLE entries; CREATE TABLE entries (position INTEGER)"],
    ["one that is marked as another program's", "PRAGMA application_id = 1"],
    ["one without its statement", "DELETE FROM archives"],
  ]
  it.each(edits)("is %s", (_, sql) => {
    const path = written(join(temporaryFolder(), "old.archive"))
    onFile(path, openNodeSqlite, (driver) => driver.exec(sql))
    expect(() => openArchive(path)).toThrow("is no archive, or one that was not finished")
  })

  it("is a file that is not there, or no database", () => {
    const folder = temporaryFolder()
    expect(() => openArchive(join(folder, "none"))).toThrow(`there is no archive \`${join(folder, "none")}\``)
    const text = join(folder, "text")
    writeFileSync(text, "not a database, but long enough to be looked at as if it were one".repeat(20))
    expect(() => openArchive(text)).toThrow()
  })
})

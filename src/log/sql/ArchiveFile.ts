/**
 * An archive: entries of ended streams as they were stored, in a SQLite file of its own, with what proves them.
 *
 * Beside the entries it has the hashes of all else in the log, as few as lead from them to a root, a row for each stream,
 * and a statement that was signed. The file is written once and then only read; nothing in it is believed before it was
 * held against the statement, or against the leaves of the log.
 */
import { existsSync } from "node:fs"
import { settleFile } from "../../files/SmallFile.ts"
import { archivedFrom, archivedRow, archivedTable, archiveTable } from "../Archived.ts"
import { type RetiredStream } from "../Retired.ts"
import { StoreFault } from "../EventLog.ts"
import { asFault } from "../GroupCommit.ts"
import { bytesOfHash, hashOfBytes } from "../Merkle.ts"
import type { StoredEntry } from "../Recorded.ts"
import { subtreeTable } from "../Tables.ts"
import { createTable } from "./Definition.ts"
import type { SqliteDriver } from "./Driver.ts"
import { entriesOver, SELECT, storedFrom } from "./Entries.ts"
import { openNodeSqlite } from "./NodeSqlite.ts"
import { LIMIT, sqliteRows } from "./SqliteRows.ts"

/** Marks a SQLite file as an archive ("glar"). */
const APPLICATION_ID = 0x676c6172

const definitions = `
  CREATE TABLE entries (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL, bytes TEXT NOT NULL, leaf BLOB NOT NULL, UNIQUE (stream, version)) STRICT;
  ${[subtreeTable, archivedTable, archiveTable].map((table) => createTable(table)).join("\n")}
`

const contentOf = (driver: SqliteDriver): string =>
  JSON.stringify([
    ...driver.prepare("PRAGMA application_id").all(),
    ...driver.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name").all(),
  ])

const make = (driver: SqliteDriver): void => {
  driver.exec(definitions)
  driver.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
}

const expected = (): string => {
  const driver = openNodeSqlite(":memory:")
  make(driver)
  const content = contentOf(driver)
  driver.close()
  return content
}

export interface ArchiveFile {
  readonly path: string
  /** What was signed about it; empty while it is written. */
  readonly statement: string
  /** Entries from a position on, as they are stored, and not checked; likewise what follows. */
  readonly stored: (position: number, limit: number) => ReadonlyArray<StoredEntry>
  /** Those at the positions from `first` to `last`. */
  readonly between: (first: number, last: number) => ReadonlyArray<StoredEntry>
  readonly byStream: (behind: StoredEntry | undefined, limit: number) => ReadonlyArray<StoredEntry>
  readonly ofStream: (stream: string, afterVersion: number, limit: number) => ReadonlyArray<StoredEntry>
  readonly streams: (behind: string, limit: number) => ReadonlyArray<RetiredStream>
  readonly stream: (name: string) => RetiredStream | undefined
  /** The hash over entries of the log that are not in the archive. */
  readonly hashBeside: (level: number, index: number) => string | undefined
  readonly close: () => void
}

export interface ArchiveWriter extends ArchiveFile {
  readonly add: (stream: RetiredStream, entries: ReadonlyArray<StoredEntry>) => void
  readonly addHashes: (
    hashes: ReadonlyArray<{ readonly level: number; readonly index: number; readonly hash: string }>,
  ) => void
  /** Puts the statement in, closes the file, and waits until all of it is on the disk. */
  readonly finish: (statement: string) => void
}

const over = (driver: SqliteDriver, path: string, statement: string): ArchiveFile => {
  const rows = sqliteRows(driver)
  const { stored, byStream } = entriesOver(driver)
  const ofStream = driver.prepare(`${SELECT} WHERE stream = ? AND version > ? ORDER BY version ${LIMIT}`)
  const between = driver.prepare(`${SELECT} WHERE position BETWEEN ? AND ? ORDER BY position`)
  return {
    path,
    statement,
    stored,
    between: (first, last) => between.all(first, last).map(storedFrom),
    byStream: (behind, limit) => byStream(behind?.position, limit),
    ofStream: (stream, afterVersion, limit) =>
      ofStream.all(stream, afterVersion, Math.min(limit, Number.MAX_SAFE_INTEGER)).map(storedFrom),
    streams: (behind, limit) => rows.list(archivedTable, { after: [behind], limit }).map(archivedFrom),
    stream: (name) => {
      const row = rows.get(archivedTable, [name])
      return row === undefined ? undefined : archivedFrom(row)
    },
    hashBeside: (level, index) => {
      const hash = rows.get(subtreeTable, [level, index])?.["hash"]
      return hash instanceof Uint8Array ? hashOfBytes(hash) : undefined
    },
    close: () => driver.close(),
  }
}

/** Begins an archive in a file that is not there yet. */
export const writeArchive = (path: string): ArchiveWriter => {
  const driver = openNodeSqlite(path)
  driver.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536")
  make(driver)
  // One transaction to the end: else each stream would write the pages again that its entries are scattered over.
  driver.exec("BEGIN IMMEDIATE")
  const rows = sqliteRows(driver)
  const insert = driver.prepare(
    "INSERT INTO entries (position, stream, version, recorded_at, bytes, leaf) VALUES (?, ?, ?, ?, ?, ?)",
  )
  return {
    ...over(driver, path, ""),
    add: (stream, entries) => {
      rows.put(archivedTable, archivedRow({ ...stream, archive: 0 }))
      for (const { position, stream: name, version, recordedAt, bytes, leaf } of entries) {
        insert.run(position, name, version, recordedAt, bytes, bytesOfHash(leaf))
      }
    },
    addHashes: (hashes) => {
      for (const { level, index, hash } of hashes) {
        rows.put(subtreeTable, { level, place: index, hash: bytesOfHash(hash) })
      }
    },
    finish: (statement) => {
      rows.put(archiveTable, { number: 0, statement, file: null, is_whole: 1 })
      driver.exec("COMMIT")
      driver.close()
      settleFile(path)
    },
  }
}

/** Opens an archive to read it; throws a {@link StoreFault} where it is none. */
export const openArchive = (path: string): ArchiveFile => {
  if (!existsSync(path)) throw new StoreFault({ reason: "other", message: `there is no archive \`${path}\`` })
  const driver = openNodeSqlite(path)
  try {
    driver.exec("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON")
    const statement =
      contentOf(driver) === expected() ? sqliteRows(driver).get(archiveTable, [0])?.["statement"] : undefined
    if (typeof statement === "string") return over(driver, path, statement)
    throw new StoreFault({ reason: "not-a-log", message: `\`${path}\` is no archive, or one that was not finished` })
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
}

/**
 * The schema of a SQLite file, and the migrations from every earlier one.
 *
 * `PRAGMA user_version` counts the migrations that a file has been through. They only go forward, each in a transaction; a
 * file from a newer version of grantlog is refused. Tables of projections are not here, because they are disposable.
 */
import { StoreFault } from "../EventLog.ts"
import { issuedTable, prunedTable, subtreeTable } from "../Tables.ts"
import { bytesOfHash } from "../Merkle.ts"
import { growTree } from "../Tree.ts"
import { createTable } from "./Definition.ts"
import type { SqliteDriver } from "./Driver.ts"
import { entriesOver } from "./Entries.ts"
import { sqliteRows } from "./SqliteRows.ts"

/** Marks a SQLite file as a grantlog ("glog"). */
const APPLICATION_ID = 0x676c6f67

/** A migration: SQL, or a function for what SQL cannot do. */
export type Migration = string | ((driver: SqliteDriver) => void)

/**
 * Hashes were text, and event ids had a column and an index of their own. What an entry says is not touched, nor is the
 * hash that it is held against; the tree is made again from those.
 */
const keepHashesAsBytes: Migration = (driver) => {
  driver.exec(`
    CREATE TABLE lean_entries (
      position INTEGER PRIMARY KEY,
      stream TEXT NOT NULL,
      version INTEGER NOT NULL,
      recorded_at INTEGER NOT NULL,
      bytes TEXT NOT NULL,
      leaf BLOB NOT NULL,
      UNIQUE (stream, version)
    ) STRICT`)
  const after = driver.prepare("SELECT position, leaf FROM entries WHERE position > ? ORDER BY position LIMIT 1")
  const copy = driver.prepare(
    "INSERT INTO lean_entries SELECT position, stream, version, recorded_at, bytes, ? FROM entries WHERE position = ?",
  )
  for (let row = after.get(Number.MIN_SAFE_INTEGER); row !== undefined; row = after.get(row["position"]!)) {
    copy.run(bytesOfHash(String(row["leaf"])), row["position"]!)
  }
  driver.exec("DROP TABLE entries; ALTER TABLE lean_entries RENAME TO entries; DROP TABLE subtrees")
  driver.exec(createTable(subtreeTable))
  const rows = sqliteRows(driver)
  const { leavesFrom } = entriesOver(driver)
  for (let position = 0; leavesFrom(position, 1).length > 0; position++) growTree(rows, leavesFrom, position)
}

export const migrations: ReadonlyArray<Migration> = [
  `
  CREATE TABLE entries (
    position INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    recorded_at INTEGER NOT NULL,
    bytes TEXT NOT NULL,
    leaf TEXT NOT NULL,
    UNIQUE (stream, version)
  ) STRICT;
  CREATE TABLE claims (key TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX claims_by_until ON claims (until);
  CREATE TABLE projections (name TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE accounts (name TEXT, subject_id TEXT, password_hash TEXT, created_at INTEGER, PRIMARY KEY (name)) STRICT, WITHOUT ROWID;
  CREATE INDEX accounts_by_subject_id ON accounts (subject_id);
  CREATE TABLE sessions (digest TEXT, subject_id TEXT, authenticated_at INTEGER, seen_at INTEGER, expires_at INTEGER, PRIMARY KEY (digest)) STRICT, WITHOUT ROWID;
  CREATE INDEX sessions_by_subject_id ON sessions (subject_id);
  CREATE INDEX sessions_by_expires_at ON sessions (expires_at);
  ${[issuedTable, prunedTable].map((table) => createTable(table)).join("\n")}
  `,
  "ALTER TABLE accounts ADD COLUMN display_name TEXT",
  "CREATE TABLE subtrees (level INTEGER, place INTEGER, hash TEXT, PRIMARY KEY (level, place)) STRICT, WITHOUT ROWID",
  // Every level was kept once.
  "DELETE FROM subtrees WHERE level % 4 <> 0",
  // A grant's row died before its newest entry once, and held the salt of its last rotation; a client's own tokens made
  // its registration count as used: without their descriptions the rows are folded anew.
  "DELETE FROM projections",
  // The text of a state was in another order than that of RFC 8785, and did not say what its refresh token names; the
  // digest index held every code and token.
  "DELETE FROM projections",
  keepHashesAsBytes,
  `
  CREATE TABLE device_requests (user_code TEXT, grant_id TEXT, encrypted TEXT, expires_at INTEGER, PRIMARY KEY (user_code)) STRICT;
  CREATE INDEX device_requests_by_grant_id ON device_requests (grant_id);
  CREATE INDEX device_requests_by_expires_at ON device_requests (expires_at);
  `,
  "ALTER TABLE sessions ADD COLUMN login TEXT",
  `
  CREATE TABLE passkeys (credential_id TEXT, subject_id TEXT, name TEXT, public_key TEXT, sign_count INTEGER, transports TEXT, is_synced INTEGER, created_at INTEGER, used_at INTEGER, went_back_at INTEGER, PRIMARY KEY (credential_id)) STRICT;
  CREATE INDEX passkeys_by_subject_id ON passkeys (subject_id);
  `,
  `
  CREATE TABLE archives (number INTEGER, statement TEXT, file TEXT, is_whole INTEGER, PRIMARY KEY (number)) STRICT, WITHOUT ROWID;
  CREATE TABLE archived_streams (stream TEXT, version INTEGER, archive INTEGER, died_at INTEGER, client_id TEXT, key_ids TEXT, PRIMARY KEY (stream)) STRICT, WITHOUT ROWID;
  CREATE INDEX archived_streams_by_archive_stream ON archived_streams (archive, stream);
  `,
  "CREATE TABLE bookmarks (reader TEXT, position INTEGER, holder TEXT, held_until INTEGER, PRIMARY KEY (reader)) STRICT, WITHOUT ROWID",
]

const pragma = (driver: SqliteDriver, name: string): number => Number(driver.prepare(`PRAGMA ${name}`).get()?.[name])

/** Refuses a file of another program or of a newer grantlog, and changes nothing in it; an empty one may become ours. */
export const requireOurs = (driver: SqliteDriver, steps: ReadonlyArray<Migration> = migrations): void => {
  const isEmpty = driver.prepare("SELECT 1 FROM sqlite_schema").get() === undefined
  if (pragma(driver, "application_id") !== APPLICATION_ID && !isEmpty) {
    throw new StoreFault({ reason: "not-a-log", message: "the file is a database of another program: check its path" })
  }
  const version = pragma(driver, "user_version")
  if (version > steps.length) {
    const message = `the file has schema ${version}, this grantlog knows ${steps.length}: upgrade grantlog`
    throw new StoreFault({ reason: "newer", message })
  }
}

/** Brings a file to the newest schema; `steps` is for testing. */
export const migrate = (driver: SqliteDriver, steps: ReadonlyArray<Migration> = migrations): void => {
  if (pragma(driver, "user_version") === steps.length && pragma(driver, "application_id") === APPLICATION_ID) return
  driver.exec("BEGIN IMMEDIATE")
  try {
    bring(driver, steps)
    driver.exec("COMMIT")
  } catch (cause) {
    if (driver.isInTransaction()) driver.exec("ROLLBACK")
    throw cause
  }
}

const bring = (driver: SqliteDriver, steps: ReadonlyArray<Migration>): void => {
  // It is checked again now that no other process can be migrating.
  requireOurs(driver, steps)
  const version = pragma(driver, "user_version")
  driver.exec(`PRAGMA application_id = ${APPLICATION_ID}`)
  for (const step of steps.slice(version)) {
    if (typeof step === "string") driver.exec(step)
    else step(driver)
  }
  driver.exec(`PRAGMA user_version = ${steps.length}`)
}

/**
 * The log in a SQLite file: WAL, `synchronous=FULL`, one connection, any number of processes.
 *
 * `BEGIN IMMEDIATE` takes the head; positions are assigned under it, so that commit order is log order and there are no
 * gaps. Nothing is cached: what another process committed is seen by the next statement.
 */
import { Effect, Result } from "effect"
import { StoreFault, type Append, type AppendOutcome, type EventLogShape, type Head, type Rebuilt } from "./EventLog.ts"
import { makeFollower } from "./Follow.ts"
import { asFault, groupCommit, logIsClosed } from "./GroupCommit.ts"
import { countDifferingRows, prune } from "./Rebuild.ts"
import { fromStored, type Recorded, type StoredEntry } from "./Recorded.ts"
import type { InlineProjection, Row, RowReader } from "./Rows.ts"
import { appendWithin, type Transaction } from "./Transaction.ts"
import { createTable } from "./sql/Definition.ts"
import type { OpenSqlite, SqliteDriver } from "./sql/Driver.ts"
import { migrate } from "./sql/Migrations.ts"
import { openNodeSqlite } from "./sql/NodeSqlite.ts"
import { sqliteRows } from "./sql/SqliteRows.ts"

export interface SqliteLogOptions {
  readonly projection: InlineProjection
  /** The driver; node:sqlite unless told. */
  readonly open?: OpenSqlite
  /** Told after each commit how many appends it held. */
  readonly onCommit?: (appendCount: number) => void
}

const SELECT_ENTRY = "SELECT position, stream, version, id, recorded_at AS recordedAt, bytes, leaf FROM entries"

/** Entries checked against their hashes when a file is opened. */
const CHECKED_AT_START = 100

export const makeSqliteLog = (file: string, options: SqliteLogOptions): EventLogShape => {
  const { projection, open = openNodeSqlite, onCommit = () => {} } = options
  const driver = open(file)
  try {
    prepareFile(driver, projection)
    return logOver(driver, projection, onCommit)
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
}

/** Runs `body` in a write transaction; rolls back if it throws. A failure of COMMIT itself is thrown as it comes. */
const within = <A>(driver: SqliteDriver, body: () => A): A => {
  driver.exec("BEGIN IMMEDIATE")
  let result: A
  try {
    result = body()
  } catch (cause) {
    if (driver.isInTransaction()) driver.exec("ROLLBACK")
    throw cause
  }
  driver.exec("COMMIT")
  return result
}

const decode = (row: Row): Recorded =>
  Result.getOrThrowWith(
    fromStored(row as unknown as StoredEntry),
    (what) => new StoreFault({ reason: "corrupt", message: `${what}; stop, keep a copy, and restore from a backup` }),
  )

/** Pragmas, migrations, and the projection's tables: a table whose description changed is folded anew. */
const prepareFile = (driver: SqliteDriver, projection: InlineProjection): void => {
  driver.exec("PRAGMA trusted_schema = OFF")
  driver.exec("PRAGMA journal_mode = WAL")
  driver.exec("PRAGMA synchronous = FULL")
  migrate(driver)
  within(driver, () => {
    const known = new Map(
      driver
        .prepare("SELECT name, definition FROM projections")
        .all()
        .map((row) => [row["name"], row["definition"]]),
    )
    if (projection.tables.every((table) => known.get(table.name) === createTable(table))) return
    for (const name of known.keys()) driver.exec(`DROP TABLE ${name}`)
    driver.exec("DELETE FROM projections")
    for (const table of projection.tables) {
      const definition = createTable(table)
      driver.exec(definition)
      driver.prepare("INSERT INTO projections (name, definition) VALUES (?, ?)").run(table.name, definition)
    }
    rebuildWithin(driver, projection)
  })
}

const pageReader = (driver: SqliteDriver) => {
  const statement = driver.prepare(`${SELECT_ENTRY} WHERE position >= ? ORDER BY position LIMIT ?`)
  return (position: number, limit = 512): ReadonlyArray<Recorded> => statement.all(position, limit).map(decode)
}

const rebuildWithin = (
  driver: SqliteDriver,
  projection: InlineProjection,
  onProgress?: (entryCount: number) => void,
): Rebuilt => {
  const prefix = "rebuilt_"
  for (const table of projection.tables) driver.exec(createTable({ ...table, name: prefix + table.name }))
  const rebuilt = countDifferingRows({
    projection,
    served: sqliteRows(driver),
    rebuilt: sqliteRows(driver, prefix),
    page: pageReader(driver),
    onProgress,
  })
  for (const { name } of projection.tables) {
    if (rebuilt.differingRowCount > 0) {
      driver.exec(`DELETE FROM ${name}; INSERT INTO ${name} SELECT * FROM ${prefix}${name}`)
    }
    driver.exec(`DROP TABLE ${prefix}${name}`)
  }
  return rebuilt
}

const transactionOver = (driver: SqliteDriver): Transaction => {
  const newest = driver.prepare(
    "SELECT position + 1 AS size, recorded_at AS recordedAt FROM entries ORDER BY position DESC LIMIT 1",
  )
  const version = driver.prepare("SELECT max(version) AS version FROM entries WHERE stream = ?")
  const claimed = driver.prepare("SELECT 1 FROM claims WHERE key = ?")
  const claim = driver.prepare("INSERT INTO claims (key, until) VALUES (?, ?)")
  const insert = driver.prepare(
    "INSERT INTO entries (position, stream, version, id, recorded_at, bytes, leaf) VALUES (?, ?, ?, ?, ?, ?, ?)",
  )
  const issue = driver.prepare("INSERT OR REPLACE INTO issued (digest, position) VALUES (?, ?)")
  return {
    head: () => (newest.get() as unknown as Head | undefined) ?? { size: 0, recordedAt: 0 },
    versionOf: (stream) => Number(version.get(stream)?.["version"] ?? 0),
    isClaimed: (key) => claimed.get(key) !== undefined,
    claim: (key, until) => claim.run(key, until),
    insert: ({ position, stream, version, id, recordedAt, bytes, leaf }, digest) => {
      insert.run(position, stream, version, id, recordedAt, bytes, leaf)
      if (digest !== undefined) issue.run(digest, position)
    },
    rows: sqliteRows(driver),
  }
}

/** Commits a batch in one transaction, a savepoint per caller; resolves a COMMIT that did not answer. */
const batchCommitter = (driver: SqliteDriver, tx: Transaction, projection: InlineProjection) => {
  const hasEntry = driver.prepare("SELECT 1 FROM entries WHERE id = ?")

  const one = (append: Append): AppendOutcome => {
    driver.exec("SAVEPOINT caller")
    try {
      const outcome = appendWithin(tx, append, projection)
      driver.exec("RELEASE caller")
      return outcome
    } catch (cause) {
      // A full disk gives up the whole transaction: then nobody of the batch is answered with success.
      if (cause instanceof StoreFault || !driver.isInTransaction()) throw cause
      driver.exec("ROLLBACK TO caller; RELEASE caller")
      const { reason, message } = asFault(cause)
      return { _tag: "Rejected", reason, message }
    }
  }

  /** Whether the batch is in the log after all, by the id of any event of it; `undefined` when that cannot be known. */
  const isCommitted = (batch: ReadonlyArray<Append>, outcomes: ReadonlyArray<AppendOutcome>): boolean | undefined => {
    const id = batch.find((append, index) => outcomes[index]?._tag === "Appended" && append.events.length > 0)
      ?.events[0]?.id
    if (driver.isInTransaction()) driver.exec("ROLLBACK")
    return id === undefined ? undefined : within(driver, () => hasEntry.get(id) !== undefined)
  }

  return (batch: ReadonlyArray<Append>): ReadonlyArray<AppendOutcome> => {
    let outcomes: ReadonlyArray<AppendOutcome> = []
    driver.exec("BEGIN IMMEDIATE")
    try {
      outcomes = batch.map(one)
    } catch (cause) {
      if (driver.isInTransaction()) driver.exec("ROLLBACK")
      throw cause
    }
    try {
      driver.exec("COMMIT")
      return outcomes
    } catch (cause) {
      let committed: boolean | undefined
      try {
        committed = isCommitted(batch, outcomes)
      } catch {
        committed = undefined
      }
      if (committed === true) return outcomes
      const fault = asFault(cause)
      if (committed === false) throw fault
      return batch.map(() => ({ _tag: "Unknown", message: fault.message }))
    }
  }
}

const logOver = (
  driver: SqliteDriver,
  projection: InlineProjection,
  onCommit: (appendCount: number) => void,
): EventLogShape => {
  const tx = transactionOver(driver)
  const readPage = pageReader(driver)
  const ofStream = driver.prepare(`${SELECT_ENTRY} WHERE stream = ? AND version > ? ORDER BY version`)
  const issuer = driver.prepare(`${SELECT_ENTRY} WHERE position = (SELECT position FROM issued WHERE digest = ?)`)
  const unclaim = driver.prepare("DELETE FROM claims WHERE until <= ?")
  readPage(Math.max(0, tx.head().size - CHECKED_AT_START), CHECKED_AT_START)

  let isOpen = true

  const attempt = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    Effect.try({
      try: () => {
        if (!isOpen) throw logIsClosed
        return body()
      },
      catch: asFault,
    })
  const readRows = <A>(body: (rows: RowReader) => A): A => {
    driver.exec("BEGIN")
    try {
      return body(tx.rows)
    } finally {
      if (driver.isInTransaction()) driver.exec("COMMIT")
    }
  }
  const follower = makeFollower((position) => attempt(() => readPage(position)))
  const commits = groupCommit(batchCommitter(driver, tx, projection), (count) => {
    if (count === 0) return
    onCommit(count)
    follower.notify()
  })
  const write = <A>(body: () => A) => commits.patiently(() => within(driver, body))

  return {
    append: commits.append,
    head: attempt(tx.head),
    readStream: (stream, afterVersion = 0) => attempt(() => ofStream.all(stream, afterVersion).map(decode)),
    readAll: (position, limit) => attempt(() => readPage(position, limit)),
    readIssued: (digest) =>
      attempt(() => {
        const row = issuer.get(digest)
        return row === undefined ? undefined : decode(row)
      }),
    subscribe: follower.subscribe,
    read: (body) => attempt(() => readRows(body)),
    readSync: readRows,
    write: (body) => write(() => body(tx.rows)),
    prune: (through) =>
      write(() => {
        unclaim.run(through)
        return prune(tx.rows, projection, through)
      }),
    rebuild: (onProgress) => write(() => rebuildWithin(driver, projection, onProgress)),
    dump: (table) => attempt(() => tx.rows.list(table, {})),
    close: Effect.andThen(
      commits.close,
      Effect.sync(() => {
        if (isOpen) driver.close()
        isOpen = false
      }),
    ),
  }
}

/**
 * Transactions in SQLite: `BEGIN IMMEDIATE` takes the head, a savepoint stands for each caller, COMMIT is the truth.
 *
 * Nobody is answered with success before COMMIT returned. One that threw is resolved by what is in the file; only when
 * that cannot be read is the outcome unknown.
 */
import { StoreFault, type Append, type AppendOutcome, type Head } from "../EventLog.ts"
import { asFault, rejected, type CommitBatch } from "../GroupCommit.ts"
import type { InlineProjection } from "../Rows.ts"
import { appendWithin, type Transaction } from "../Transaction.ts"
import type { SqliteDriver } from "./Driver.ts"
import { sqliteRows } from "./SqliteRows.ts"

const rollBack = (driver: SqliteDriver): void => {
  if (driver.isInTransaction()) driver.exec("ROLLBACK")
}

/** Runs `body` in a write transaction; whatever throws, COMMIT included, leaves none open. */
export const within = <A>(driver: SqliteDriver, body: () => A): A => {
  driver.exec("BEGIN IMMEDIATE")
  try {
    const result = body()
    driver.exec("COMMIT")
    return result
  } catch (cause) {
    rollBack(driver)
    throw cause
  }
}

export const transactionOver = (driver: SqliteDriver): Transaction => {
  const newest = driver.prepare(
    "SELECT position + 1 AS size, recorded_at AS recordedAt FROM entries WHERE position = (SELECT max(position) FROM entries)",
  )
  const version = driver.prepare("SELECT max(version) AS version FROM entries WHERE stream = ?")
  const known = driver.prepare("SELECT 1 FROM entries WHERE id = ?")
  const claimed = driver.prepare("SELECT 1 FROM claims WHERE key = ?")
  const claim = driver.prepare("INSERT INTO claims (key, until) VALUES (?, ?)")
  const insert = driver.prepare(
    "INSERT INTO entries (position, stream, version, id, recorded_at, bytes, leaf) VALUES (?, ?, ?, ?, ?, ?, ?)",
  )
  const leaf = driver.prepare("SELECT leaf FROM entries WHERE position = ?")
  return {
    head: () => (newest.get() as unknown as Head | undefined) ?? { size: 0, recordedAt: 0 },
    versionOf: (stream) => Number(version.get(stream)?.["version"] ?? 0),
    hasEntry: (id) => known.get(id) !== undefined,
    isClaimed: (key) => claimed.get(key) !== undefined,
    claim: (key, until) => claim.run(key, until),
    insert: ({ position, stream, version, id, recordedAt, bytes, leaf }) =>
      insert.run(position, stream, version, id, recordedAt, bytes, leaf),
    leafAt: (position) => leaf.get(position)?.["leaf"] as string | undefined,
    rows: sqliteRows(driver),
  }
}

/** What no caller of a batch is to blame for: then nobody of it is answered with success. */
const faultsOfAll: ReadonlyArray<StoreFault["reason"]> = ["busy", "full", "read-only", "disk", "closed"]

/** Commits a batch in one transaction, a savepoint per caller. */
export const batchCommitter = (driver: SqliteDriver, tx: Transaction, projection: InlineProjection): CommitBatch => {
  const begin = driver.prepare("BEGIN IMMEDIATE")
  const commit = driver.prepare("COMMIT")
  const savepoint = driver.prepare("SAVEPOINT caller")
  const release = driver.prepare("RELEASE caller")

  const appendOne = (append: Append): AppendOutcome => {
    savepoint.run()
    try {
      const outcome = appendWithin(tx, append, projection)
      release.run()
      return outcome
    } catch (cause) {
      const fault = asFault(cause)
      if (faultsOfAll.includes(fault.reason) || !driver.isInTransaction()) throw fault
      driver.exec("ROLLBACK TO caller; RELEASE caller")
      return rejected(fault)
    }
  }

  /**
   * Whether a COMMIT that threw took place after all; `undefined` when that cannot be known. It is settled by the time
   * it throws, so that a look for an event's id is enough and needs no lock that somebody else may hold by now.
   */
  const isCommitted = (batch: ReadonlyArray<Append>, outcomes: ReadonlyArray<AppendOutcome>): boolean | undefined => {
    try {
      if (driver.isInTransaction()) {
        driver.exec("ROLLBACK")
        return false
      }
      const isIn = (append: Append, index: number) => outcomes[index]?._tag === "Appended" && append.events.length > 0
      const id = batch.find(isIn)?.events[0]?.id
      return id === undefined ? undefined : tx.hasEntry(id)
    } catch {
      return undefined
    }
  }

  return (batch) => {
    let outcomes: ReadonlyArray<AppendOutcome>
    begin.run()
    try {
      outcomes = batch.map(appendOne)
    } catch (cause) {
      rollBack(driver)
      throw cause
    }
    try {
      commit.run()
      return outcomes
    } catch (cause) {
      const committed = isCommitted(batch, outcomes)
      if (committed === true) return outcomes
      const fault = asFault(cause)
      if (committed === false) throw fault
      const message = `nobody knows whether this was written: look before doing it again; the database said: ${fault.message}`
      return batch.map(() => ({ _tag: "Unknown", message }))
    }
  }
}

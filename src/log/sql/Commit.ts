/**
 * Transactions in SQLite: `BEGIN IMMEDIATE` takes the head, and COMMIT makes all of a batch true.
 *
 * What refuses a caller is found before anything of it is written, so that the others need no protection from it. Nobody is answered with success before COMMIT has returned. When COMMIT throws, the file shows whether it took place; the
 * outcome is unknown only if the file cannot be read.
 */
import { StoreFault, type Append, type AppendOutcome, type Head } from "../EventLog.ts"
import { asFault, rejected } from "../GroupCommit.ts"
import { bytesOfHash } from "../Merkle.ts"
import type { Value } from "../Rows.ts"
import { appendWithin, type Transaction } from "../Transaction.ts"
import { PROJECTION } from "./Described.ts"
import type { SqliteDriver } from "./Driver.ts"
import { entriesOver } from "./Entries.ts"
import { sqliteRows } from "./SqliteRows.ts"

export const rollBack = (driver: SqliteDriver): void => {
  if (driver.isInTransaction()) driver.exec("ROLLBACK")
}

/** Runs `body` in a write transaction, which is closed even if `body` or COMMIT throws. */
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
  const version = driver.prepare(
    `SELECT coalesce((SELECT max(version) FROM entries WHERE stream = ?),
      (SELECT version FROM archived_streams WHERE stream = ?)) AS version`,
  )
  const claimed = driver.prepare("SELECT 1 FROM claims WHERE key = ?")
  const claim = driver.prepare("INSERT INTO claims (key, until) VALUES (?, ?)")
  const insert = driver.prepare(
    "INSERT INTO entries (position, stream, version, recorded_at, bytes, leaf) VALUES (?, ?, ?, ?, ?, ?)",
  )
  const { leavesFrom } = entriesOver(driver)
  const description = driver.prepare("SELECT definition FROM projections WHERE name = ?")
  return {
    head: () => (newest.get() as unknown as Head | undefined) ?? { size: 0, recordedAt: 0 },
    versionOf: (stream) => Number(version.get(stream, stream)?.["version"] ?? 0),
    isClaimed: (key) => claimed.get(key) !== undefined,
    claim: (key, until) => claim.run(key, until),
    insert: ({ position, stream, version, recordedAt, bytes, leaf }) =>
      insert.run(position, stream, version, recordedAt, bytes, bytesOfHash(leaf)),
    leavesFrom,
    rows: sqliteRows(driver),
    projection: () => String(description.get(PROJECTION)?.["definition"]),
  }
}

/** How many streams have their versions remembered. */
const MAX_VERSIONS = 16_384
/** How many leaves of the newest entries are remembered: more than the tree needs for one entry. */
const MAX_LEAVES = 64

/** Remembers the head, versions and leaves that were read or written, which hold as long as nobody else writes. */
const remembering = (tx: Transaction): Transaction => {
  let head: Head | undefined
  let projection: string | undefined
  const versions = new Map<string, number>()
  const leaves = new Map<number, string>()
  return {
    ...tx,
    head: () => (head ??= tx.head()),
    projection: () => (projection ??= tx.projection()),
    versionOf: (stream) => {
      const version = versions.get(stream) ?? tx.versionOf(stream)
      if (versions.size === MAX_VERSIONS) versions.clear()
      versions.set(stream, version)
      return version
    },
    insert: (entry) => {
      tx.insert(entry)
      head = { size: entry.position + 1, recordedAt: entry.recordedAt }
      versions.set(entry.stream, entry.version)
      leaves.set(entry.position, entry.leaf)
      leaves.delete(entry.position - MAX_LEAVES)
    },
    leavesFrom: (position, count) => {
      const known = Array.from({ length: count }, (_, index) => leaves.get(position + index))
      return known.every((leaf) => leaf !== undefined) ? known : tx.leavesFrom(position, count)
    },
  }
}

/** Faults that no single caller causes: they fail the whole batch. */
const faultsOfAll: ReadonlyArray<StoreFault["reason"]> = ["busy", "full", "read-only", "disk", "closed"]

/**
 * Commits appends in one transaction, or throws a {@link StoreFault} and none is written. Has an outcome for each, or for
 * the first of them: the others are to be committed anew.
 */
type Committer = (batch: ReadonlyArray<Append>) => ReadonlyArray<AppendOutcome>

/**
 * One that cannot be written, which is a defect or damage, fails alone: what was begun with it is rolled back, and each
 * gets a transaction of its own. A savepoint for each would cost every append what one in a million needs.
 */
export const oneByOneOnFault =
  (commit: Committer): Committer =>
  (batch) => {
    try {
      return commit(batch)
    } catch (cause) {
      const fault = asFault(cause)
      if (faultsOfAll.includes(fault.reason)) throw fault
      const outcomes: Array<AppendOutcome> = []
      for (const append of batch) {
        try {
          outcomes.push(...commit([append]))
        } catch (cause) {
          const own = asFault(cause)
          if (!faultsOfAll.includes(own.reason)) outcomes.push(rejected(own))
          else if (outcomes.length === 0) throw own
          else break
        }
      }
      return outcomes
    }
  }

/** Commits a batch in one transaction. */
export const batchCommitter = (driver: SqliteDriver, tx: Transaction): Committer => {
  const begin = driver.prepare("BEGIN IMMEDIATE")
  const commit = driver.prepare("COMMIT")
  const dataVersion = driver.prepareValue("PRAGMA data_version")

  let held = remembering(tx)
  /** The version of the file for which the remembered values hold: from a commit of ours to the next one of somebody else. */
  let knownAt: Value | undefined

  const { ofStream } = entriesOver(driver)

  /**
   * Whether a COMMIT that threw took place after all; `undefined` if that cannot be known. It is settled by the time it
   * throws, so reading the position where an event of ours should be is enough: the event there is ours if it has our id.
   * That takes no lock, which somebody else may hold by now.
   */
  const isCommitted = (batch: ReadonlyArray<Append>, outcomes: ReadonlyArray<AppendOutcome>): boolean | undefined => {
    try {
      if (driver.isInTransaction()) {
        driver.exec("ROLLBACK")
        return false
      }
      for (const [index, { stream, events }] of batch.entries()) {
        const outcome = outcomes[index]
        if (outcome?._tag !== "Appended" || events.length === 0) continue
        return ofStream(stream, outcome.version - 1, 1)[0]?.id === events.at(-1)!.id
      }
      return undefined
    } catch {
      return undefined
    }
  }

  return (batch) => {
    let outcomes: ReadonlyArray<AppendOutcome>
    let version: Value | undefined
    try {
      begin.run()
      version = dataVersion()
      if (version !== knownAt) held = remembering(tx)
      knownAt = undefined
      outcomes = batch.map((append) => appendWithin(held, append))
    } catch (cause) {
      rollBack(driver)
      throw cause
    }
    try {
      commit.run()
      knownAt = version
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

/**
 * The log in a SQLite file: WAL, `synchronous=FULL`, one connection, any number of processes.
 *
 * `BEGIN IMMEDIATE` takes the head; positions are assigned under it, so that commit order is log order and there are no
 * gaps. What another process committed is seen by the next read.
 */
import * as Effect from "effect/Effect"
import type { AppendOutcome } from "./EventLog.ts"
import { readArchived } from "./Archived.ts"
import { makeFollower, present } from "./Follow.ts"
import { asFault, groupCommit, logIsClosed } from "./GroupCommit.ts"
import { findIssued } from "./Issued.ts"
import { prune } from "./Rebuild.ts"
import { memoryRetrySecrets, retrySecretsOver, type ClosableSecrets } from "./RetrySecrets.ts"
import type { InlineProjection, Operations, Queries, RowReader, RowWriter } from "./Rows.ts"
import type { Schema } from "./Schema.ts"
import { batchCommitter, oneByOneOnFault, transactionOver, within } from "./sql/Commit.ts"
import { inOneMoment, knownRows } from "./sql/KnownRows.ts"
import type { OpenSqlite, SqliteDriver } from "./sql/Driver.ts"
import { entriesOver } from "./sql/Entries.ts"
import { compareBeside, prepareFile, rebuildWithin } from "./sql/File.ts"
import { openNodeSqlite } from "./sql/NodeSqlite.ts"
import { retrySecretFileOf, retrySecretPlace } from "./sql/RetrySecretFile.ts"
import { newSchema } from "./sql/Schema.ts"
import { rewriteTable, truncateJournal } from "./sql/Scrub.ts"
import type { Tree } from "./Merkle.ts"
import { inPages } from "./Pages.ts"
import { answering, answeringNow, besideOf, type SideTables, type Store } from "./Store.ts"
import { hashesOver } from "./Tree.ts"

/** How a store in a SQLite file is opened. */
export interface SqliteSettings {
  /** The driver; default node:sqlite. */
  readonly open?: OpenSqlite
  /** Called after each commit with the number of its appends. */
  readonly onCommit?: (appendCount: number) => void
}

export interface SqliteLogOptions<
  Asked extends Queries,
  SideAsked extends Queries,
  SideDone extends Operations,
> extends SqliteSettings {
  readonly projection: InlineProjection<Asked>
  readonly side: SideTables<SideAsked, SideDone>
}

/** The default limit of a read. */
const PAGE = 512
/** Entries checked against their hashes when a file is opened. */
const CHECKED_AT_START = 100

/** Whether it is known what became of the rows of an append. */
const isSettled = ({ _tag }: AppendOutcome): boolean => _tag !== "Rejected" && _tag !== "Unknown"

/** Opens the log in `file`, made if it is not there; throws a {@link StoreFault} that says what to do. */
export const makeSqliteLog = <Asked extends Queries, SideAsked extends Queries, SideDone extends Operations>(
  file: string,
  options: SqliteLogOptions<Asked, SideAsked, SideDone>,
): Store<Asked, SideAsked, SideDone> => {
  const { projection, side, open = openNodeSqlite, onCommit = () => {} } = options
  const driver = open(file)
  try {
    prepareFile(driver, projection, besideOf(side))
    const retrySecrets =
      file === ":memory:" ? memoryRetrySecrets() : retrySecretsOver(retrySecretPlace(retrySecretFileOf(file), open))
    const isInMemory = file === ":memory:"
    const another = isInMemory ? undefined : () => open(file)
    const log = logOver(driver, another, projection, side, () => newSchema(open, projection), retrySecrets, onCommit)
    return isInMemory ? log : { ...log, file }
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
}

const logOver = <Asked extends Queries, SideAsked extends Queries, SideDone extends Operations>(
  driver: SqliteDriver,
  /** Opens another connection to the same database; absent if there can be none. */
  another: (() => SqliteDriver) | undefined,
  projection: InlineProjection<Asked>,
  side: SideTables<SideAsked, SideDone>,
  wanted: () => Schema,
  retrySecrets: ClosableSecrets,
  onCommit: (appendCount: number) => void,
): Store<Asked, SideAsked, SideDone> => {
  const file = transactionOver(driver)
  const inMoment = inOneMoment(driver)
  const known = knownRows(driver, file.rows)
  const tx = { ...file, rows: known.writer }
  const entries = entriesOver(driver)
  const unclaim = driver.prepare("DELETE FROM claims WHERE until <= ?")
  entries.page(Math.max(0, tx.head().size - CHECKED_AT_START), CHECKED_AT_START)

  let isOpen = true

  const guarded = <A>(body: () => A): A => {
    if (!isOpen) throw logIsClosed
    try {
      return body()
    } catch (cause) {
      throw asFault(cause)
    }
  }
  /** Runs what writes; rows are known afterwards if it is known what became of them. */
  const settled = <A>(body: () => A, isKnown: (result: A) => boolean = () => true): A => {
    let isCommitted = false
    try {
      const result = body()
      isCommitted = isKnown(result)
      return result
    } finally {
      if (isCommitted) known.committed()
      else known.abandoned()
    }
  }
  const readTree = <A>(body: (tree: Tree) => A): A =>
    inMoment(() => body({ size: tx.head().size, hashOf: hashesOver(tx.rows, entries.leavesFrom) }))
  const commit = batchCommitter(driver, tx)
  const commits = groupCommit(
    oneByOneOnFault((batch) =>
      settled(
        () => commit(batch),
        (outcomes) => outcomes.every(isSettled),
      ),
    ),
    (count) => {
      if (count === 0) return
      follower.notify()
      onCommit(count)
    },
  )
  const attempt = <A>(body: () => A) => commits.patiently(() => guarded(body))
  const read = <A>(body: (rows: RowReader) => A) => attempt(() => known.read(body))
  const write = <A>(body: () => A) => attempt(() => settled(() => within(driver, body)))
  const readPage = (position: number, limit = PAGE) =>
    inPages((start, count) => attempt(() => entries.page(start, count)), position, limit)
  const follower = makeFollower(readPage)

  return {
    append: commits.append,
    head: attempt(tx.head),
    streamVersion: (stream) => attempt(() => tx.versionOf(stream)),
    readStream: (stream, afterVersion = 0, limit = Infinity) =>
      inPages((start, count) => attempt(() => entries.ofStream(stream, start, count)), afterVersion, limit),
    readAll: (position, limit) => Effect.map(readPage(position, limit), present),
    archivedStream: (stream) => attempt(() => readArchived(tx.rows, stream)),
    readUnversioned: (digest) => attempt(() => findIssued(tx.rows, digest, entries.at)),
    readStored: (position, limit = PAGE) =>
      inPages((start, count) => attempt(() => entries.stored(start, count)), position, limit),
    readTree: (body) => attempt(() => readTree(body)),
    subscribe: follower.subscribe,
    beside: besideOf(side),
    rows: answering(projection.queries, read),
    rowsNow: answeringNow(projection.queries, <A>(body: (rows: RowReader) => A) => guarded(() => known.read(body))),
    side: {
      ...answering(side.queries, read),
      ...answering(side.operations, <A>(body: (rows: RowWriter) => A) => write(() => body(tx.rows))),
    },
    scrub: Effect.andThen(
      write(() => side.personal.forEach((table) => rewriteTable(driver, tx.rows, table))),
      attempt(() => truncateJournal(driver)),
    ),
    prune: (through) =>
      write(() => {
        unclaim.run(through)
        return prune(tx.rows, projection, through, tx.head().recordedAt)
      }),
    rebuild: (judging = {}) =>
      write(() => {
        known.forget()
        return rebuildWithin(driver, projection, wanted(), judging)
      }),
    compareRows: (judging = {}) => {
      const compare = (own: SqliteDriver, turn: Effect.Effect<void>) =>
        compareBeside(own, projection, wanted(), judging, turn)
      if (another === undefined) return attempt(() => Effect.runSync(compare(driver, Effect.void)))
      const beside = Effect.acquireUseRelease(
        attempt(another),
        (own) => Effect.suspend(() => compare(own, Effect.yieldNow)),
        (own) => Effect.sync(own.close),
      )
      return Effect.catchDefect(beside, (cause) => Effect.fail(asFault(cause)))
    },
    dump: (table, page = {}) => attempt(() => tx.rows.list(table, page)),
    retrySecrets,
    close: Effect.andThen(
      commits.close,
      Effect.sync(() => {
        if (isOpen) driver.close()
        isOpen = false
        follower.notify()
      }),
    ).pipe(Effect.andThen(retrySecrets.close)),
  }
}

/** Takes archived entries out of a SQLite file, on a connection of its own, whose writes others see as those of a stranger. */
import * as Effect from "effect/Effect"
import { archiveTable } from "../Archived.ts"
import { archiveStream } from "../Retired.ts"
import { beginWithin, noteArchived, stillThere, type Archivist, type Candidate } from "../Archivist.ts"
import type { StoreFault } from "../EventLog.ts"
import { asFault, whileBusy } from "../GroupCommit.ts"
import type { InlineProjection } from "../Rows.ts"
import { besideOf, type SideTables } from "../Store.ts"
import { transactionOver, within } from "./Commit.ts"
import { storedFrom } from "./Entries.ts"
import { prepareFile } from "./File.ts"
import { openNodeSqlite } from "./NodeSqlite.ts"
import { LIMIT } from "./SqliteRows.ts"

/** Pages of the journal that are moved into the file together: streams that are taken out one after the other share pages. */
const JOURNAL_PAGES = 16_384

export interface FileArchivist extends Archivist {
  /** Gives the room of what was taken out back to the file system; keeps everybody from writing meanwhile. */
  readonly shrink: Effect.Effect<void, StoreFault>
}

/** Throws a `StoreFault` that says what to do. */
export const sqliteArchivist = (file: string, projection: InlineProjection, side: SideTables): FileArchivist => {
  const driver = openNodeSqlite(file)
  try {
    prepareFile(driver, projection, besideOf(side))
    driver.exec(`PRAGMA wal_autocheckpoint = ${JOURNAL_PAGES}`)
    const tx = transactionOver(driver)
    const candidates = driver.prepare(
      `SELECT stream, max(version) AS version FROM entries
        WHERE stream > ? AND stream >= ? AND stream < ? GROUP BY stream HAVING max(recorded_at) < ? ORDER BY stream ${LIMIT}`,
    )
    const entriesOf = driver.prepare(
      "SELECT position, stream, version, recorded_at AS recordedAt, bytes, leaf FROM entries WHERE stream = ? ORDER BY version",
    )
    const take = driver.prepare("UPDATE entries SET stream = ?, version = position, bytes = '' WHERE stream = ?")
    const write = <A>(body: () => A) => whileBusy(() => within(driver, body))
    return {
      candidates: (prefix, after, recordedBefore, limit) =>
        whileBusy(
          () =>
            candidates.all(
              after,
              prefix,
              `${prefix}\uffff`,
              recordedBefore,
              limit,
            ) as unknown as ReadonlyArray<Candidate>,
        ),
      entriesOf: (stream) => whileBusy(() => entriesOf.all(stream).map(storedFrom)),
      begin: (statement, name) => write(() => beginWithin(tx.rows, statement, name)),
      remove: (number, streams) =>
        write(() => {
          const there = stillThere(tx.rows, tx.versionOf, number, streams)
          for (const one of there) {
            noteArchived(tx.rows, number, one)
            take.run(archiveStream(number), one.stream)
          }
          return there.length
        }),
      finish: (number) => write(() => tx.rows.set(archiveTable, [number], { is_whole: 1 })),
      shrink: Effect.andThen(
        whileBusy(() => driver.exec("VACUUM")),
        whileBusy(() => driver.exec("PRAGMA wal_checkpoint(TRUNCATE)")),
      ),
      close: Effect.sync(() => driver.close()),
    }
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
}

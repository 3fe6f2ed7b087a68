/** Copies another log into a SQLite file, on a connection of its own, whose writes others see as those of a stranger. */
import * as Effect from "effect/Effect"
import { asFault, whileBusy } from "../GroupCommit.ts"
import { importWithin, replaceWithin, type Importer } from "../Import.ts"
import type { InlineProjection } from "../Rows.ts"
import { besideOf, type SideTables } from "../Store.ts"
import { transactionOver, within } from "./Commit.ts"
import { prepareFile } from "./File.ts"
import { openNodeSqlite } from "./NodeSqlite.ts"

/** Opens the file and makes it if there is none; throws a `StoreFault` that says what to do. */
export const sqliteImporter = (file: string, projection: InlineProjection, side: SideTables): Importer => {
  const driver = openNodeSqlite(file)
  try {
    prepareFile(driver, projection, besideOf(side))
    const tx = transactionOver(driver)
    const write = (body: () => void) => whileBusy(() => within(driver, body))
    return {
      entries: (stored) => write(() => importWithin(tx, stored)),
      side: (table, rows) => write(() => replaceWithin(tx.rows, table, rows)),
      close: Effect.sync(() => driver.close()),
    }
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
}

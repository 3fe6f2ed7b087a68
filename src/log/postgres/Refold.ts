/**
 * Compares the rows in a database with the log, and makes them again from it.
 *
 * One statement reads the rows together with the end of the log, so both are of one moment. The log up to there never
 * changes, so others can go on writing while it is folded.
 */
import * as Effect from "effect/Effect"
import { archivedTable } from "../Archived.ts"
import { compareInMemory, memoryRows } from "../MemoryRows.ts"
import { judgeRows } from "../Rebuild.ts"
import type { InlineProjection, Row, Table } from "../Rows.ts"
import { storedFrom } from "../sql/Entries.ts"
import { describedTable, judgedTables } from "../sql/Described.ts"
import type { Judging, Rebuilt } from "../Store.ts"
import { prunedTable } from "../Tables.ts"
import type { Pages } from "../Walk.ts"
import type { Asks } from "./Asks.ts"
import { inserted, type Written } from "./Changes.ts"
import type { Found } from "./Connections.ts"
import { askedOf } from "./Held.ts"
import { nothingKnown } from "./Known.ts"
import { descriptionsOf } from "./Migrations.ts"
import { entryTable, HEAD, headOf, headTable, selectEntries } from "./Tables.ts"

/** How many entries one statement reads, or how many rows it writes. */
const AT_ONCE = 512

export interface Refolded {
  readonly rebuilt: Rebuilt
  /** Replaces the rows that are served by those that were folded. */
  readonly writes: ReadonlyArray<Written>
}

export const refold = async (
  run: (sql: string, values: Written["values"]) => Promise<Found>,
  schema: string,
  asks: Asks,
  projection: InlineProjection,
  judging: Judging,
  /** Whether the served tables can be read; if not, they are not compared. */
  isSound = true,
): Promise<Refolded> => {
  const noted = [prunedTable, describedTable]
  const tables = judgedTables(projection)
  const read = isSound ? [...tables, archivedTable] : []
  const known = nothingKnown(asks)
  const counted = asks.count(entryTable, {})
  const all = [asks.get(headTable, [HEAD]), counted, ...read.map((table) => asks.list(table, {}))]
  await askedOf(run, asks, all, known)
  const { size, recordedAt: newestAt } = headOf(known.rows)
  const served = memoryRows(new Map())
  for (const table of read) for (const row of known.rows.list(table, {})) served.put(table, row)

  const page = (where: string, values: Written["values"]) =>
    Effect.promise(async () => {
      const inLog = `${selectEntries(schema)} WHERE position >= 0 AND position < ${size}`
      const found = await run(`${inLog} AND ${where} LIMIT ${AT_ONCE}`, values)
      return found.map((row) => storedFrom(row as Row))
    })
  const pages: Pages = {
    leaves: (position) => page("position >= $1::bigint ORDER BY position", [position]),
    streams: (behind) => {
      const order = "(stream, version) > ($1::text, $2::bigint) ORDER BY stream, version"
      return page(order, [behind?.stream ?? "", behind?.version ?? -1])
    },
  }
  const rebuilt = memoryRows(new Map())
  for (const row of descriptionsOf(schema, projection)) rebuilt.put(describedTable, row)
  const compare = (table: Table) => compareInMemory(table, served, rebuilt)
  const judged = await Effect.runPromise(
    judgeRows({
      projection,
      served: isSound ? served : undefined,
      rebuilt,
      pages,
      newestAt,
      noted,
      compare,
      judging,
    }),
  )
  const entryCount = known.rows.count(entryTable, {})
  const isStray = entryCount !== judged.entryCount || entryCount !== size
  const strays = `of ${entryCount} entries ${judged.entryCount} stand in the log of ${size}: restore from a backup`
  return {
    rebuilt: { ...judged, faults: [...judged.faults, ...(isStray ? [strays] : [])] },
    writes: tables.flatMap((table) => {
      const rows = rebuilt.list(table, {})
      const parts = Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, part) =>
        inserted(schema, table, rows.slice(part * AT_ONCE, (part + 1) * AT_ONCE)),
      )
      return [{ sql: `DELETE FROM ${schema}.${table.name}`, values: [] }, ...parts]
    }),
  }
}

/**
 * The rows in a database held against the log, and made again from it.
 *
 * What is served is read by one statement, with the end of the log, and so is of one moment; what is in the log up to
 * there never changes, so that nobody has to be kept from writing while it is folded.
 */
import { compareInMemory, memoryRows } from "../MemoryRows.ts"
import { hashOfBytes } from "../Merkle.ts"
import { foldedTables, judgeRows } from "../Rebuild.ts"
import type { InlineProjection, Row, Table } from "../Rows.ts"
import { decodeSequence } from "../sql/Entries.ts"
import { describedTable } from "../sql/Described.ts"
import type { Judging, Rebuilt } from "../Store.ts"
import { prunedTable } from "../Tables.ts"
import type { Asks } from "./Asks.ts"
import { inserted, type Written } from "./Changes.ts"
import type { Found } from "./Connections.ts"
import { askedOf } from "./Held.ts"
import { nothingKnown } from "./Known.ts"
import { descriptionsOf } from "./Migrations.ts"
import { entryTable, HEAD, headOf, headTable, selectEntries } from "./Tables.ts"

/** Entries read, or rows written, by one statement. */
const AT_ONCE = 512

export interface Refolded {
  readonly rebuilt: Rebuilt
  /** What puts the folded rows in the place of those that are served. */
  readonly writes: ReadonlyArray<Written>
}

export const refold = async (
  run: (sql: string, values: Written["values"]) => Promise<Found>,
  schema: string,
  asks: Asks,
  projection: InlineProjection,
  judging: Judging,
): Promise<Refolded> => {
  const tables = [...foldedTables(projection), prunedTable, describedTable]
  const known = nothingKnown(asks)
  const counted = asks.count(entryTable, {})
  const all = [asks.get(headTable, [HEAD]), counted, ...tables.map((table) => asks.list(table, {}))]
  await askedOf(run, asks, all, known)
  const { size, recordedAt } = headOf(known.rows)
  const served = memoryRows(new Map())
  for (const table of tables) for (const row of known.rows.list(table, {})) served.put(table, row)

  const entries: Array<Row> = []
  while (entries.length < size) {
    const found = await run(
      `${selectEntries(schema)} WHERE position >= $1::bigint ORDER BY position LIMIT $2::bigint`,
      [entries.length, Math.min(AT_ONCE, size - entries.length)],
    )
    if (found.length === 0) break
    for (const row of found) entries.push(row as Row)
  }
  const rebuilt = memoryRows(new Map())
  for (const row of descriptionsOf(schema, projection)) rebuilt.put(describedTable, row)
  const compare = (table: Table) => compareInMemory(table, served, rebuilt)
  const page = (position: number) => decodeSequence(entries.slice(position, position + AT_ONCE), "position", position)
  const leavesFrom = (position: number, count: number) =>
    entries.slice(position, position + count).map(({ leaf }) => hashOfBytes(leaf as Uint8Array))
  const judged = judgeRows({ projection, served, rebuilt, page, leavesFrom, newestAt: recordedAt, compare, judging })
  const described = compare(describedTable)
  const entryCount = known.rows.count(entryTable, {})
  return {
    rebuilt: {
      ...judged,
      differingRowCount: judged.differingRowCount + described.differingRowCount,
      firstDiffering: judged.firstDiffering ?? described.firstDiffering,
      faults: [
        ...judged.faults,
        ...(entryCount === judged.entryCount && entryCount === size
          ? []
          : [`of ${entryCount} entries ${judged.entryCount} stand in the log of ${size}: restore from a backup`]),
      ],
    },
    writes: tables.flatMap((table) => {
      const rows = rebuilt.list(table, {})
      const parts = Array.from({ length: Math.ceil(rows.length / AT_ONCE) }, (_, part) =>
        inserted(schema, table, rows.slice(part * AT_ONCE, (part + 1) * AT_ONCE)),
      )
      return [{ sql: `DELETE FROM ${schema}.${table.name}`, values: [] }, ...parts]
    }),
  }
}

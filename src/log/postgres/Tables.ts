/** The tables that only PostgreSQL needs described: the entries, the claims, and the one row that orders all appends. */
import type { Head } from "../EventLog.ts"
import type { Row, RowReader, Table } from "../Rows.ts"
import type { StoredEntry } from "../Recorded.ts"
import { bytesOfHash } from "../Merkle.ts"

/**
 * The end of the log in one row, which every writer locks. `schema` is the version of the tables, and `needs` the oldest
 * version of grantlog that may still write.
 */
export const headTable: Table = {
  name: "head",
  columns: { name: "TEXT", size: "INTEGER", recorded_at: "INTEGER", schema: "INTEGER", needs: "INTEGER" },
  key: ["name"],
  indexes: [],
}

export const HEAD = "head"

export const headOf = (rows: RowReader): Head => {
  const row = rows.get(headTable, [HEAD])
  return { size: Number(row?.["size"] ?? 0), recordedAt: Number(row?.["recorded_at"] ?? 0) }
}

export const entryTable: Table = {
  name: "entries",
  columns: {
    position: "INTEGER",
    stream: "TEXT",
    version: "INTEGER",
    recorded_at: "INTEGER",
    bytes: "TEXT",
    leaf: "BLOB",
  },
  key: ["position"],
  indexes: [],
}

export const entryRow = ({ position, stream, version, recordedAt, bytes, leaf }: StoredEntry): Row => ({
  position,
  stream,
  version,
  recorded_at: recordedAt,
  bytes,
  leaf: bytesOfHash(leaf),
})

/** Entries as every store reads them. */
export const selectEntries = (schema: string): string =>
  `SELECT position, stream, version, recorded_at AS "recordedAt", bytes, leaf FROM ${schema}.entries`

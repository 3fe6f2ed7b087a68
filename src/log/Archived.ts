/**
 * What stays of a stream whose entries were moved to an archive: a row, and the leaf of each entry at its position.
 *
 * The place of an entry that was archived holds its leaf and the time at which it was recorded, so that the tree is as it
 * was. Its text is empty, and its stream is named after the archive. The row says how many entries the stream had, so that
 * nothing is appended to it again, and what it did to rows of others. What was archived, and that nothing else is missing,
 * is said by a statement that the key of the checkpoints signed (`archive/Statement.ts`).
 */
import type { RetiredStream } from "./Retired.ts"
import type { Row, RowReader, Table } from "./Rows.ts"

/** Archives of a log, by number: what was signed about each, and the name of its file when it was made. */
export const archiveTable: Table = {
  name: "archives",
  columns: { number: "INTEGER", statement: "TEXT", file: "TEXT", is_whole: "INTEGER" },
  key: ["number"],
  indexes: [],
}

/** Streams that are in an archive. */
export const archivedTable: Table = {
  name: "archived_streams",
  columns: {
    stream: "TEXT",
    version: "INTEGER",
    archive: "INTEGER",
    died_at: "INTEGER",
    client_id: "TEXT",
    key_ids: "TEXT",
  },
  key: ["stream"],
  indexes: [["archive", "stream"]],
}

/** The same, with the number of the archive that it is in. */
export interface ArchivedStream extends RetiredStream {
  readonly archive: number
}

/** The same as it is found in a log. */
export interface FoundArchived extends ArchivedStream {
  /** The name that the file of the archive had when it was made. */
  readonly file: string
}

export const archivedRow = ({ stream, version, archive, diedAt, clientId, keyIds }: ArchivedStream): Row => ({
  stream,
  version,
  archive,
  died_at: diedAt,
  client_id: clientId,
  key_ids: keyIds.join(" "),
})

export const archivedFrom = (row: Row): ArchivedStream => ({
  stream: String(row["stream"]),
  version: Number(row["version"]),
  archive: Number(row["archive"]),
  diedAt: Number(row["died_at"]),
  clientId: row["client_id"] === null ? null : String(row["client_id"]),
  keyIds: String(row["key_ids"])
    .split(" ")
    .filter((id) => id !== ""),
})

export const readArchived = (rows: Pick<RowReader, "get">, stream: string): FoundArchived | undefined => {
  const row = rows.get(archivedTable, [stream])
  if (row === undefined) return undefined
  const found = archivedFrom(row)
  return { ...found, file: String(rows.get(archiveTable, [found.archive])?.["file"]) }
}

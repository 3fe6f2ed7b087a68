/**
 * A query for entries: by what they are about, within a part of the log, a page at a time.
 *
 * One condition is answered by an index, namely the one that matches the fewest entries; the others are checked on what
 * it finds. So a page never costs more than the entries of the condition that comes first below.
 */
import { LIMIT, type Value } from "../../log/index.ts"
import { resourceKey } from "../../protocol/index.ts"
import { entryTable, resourceTable } from "./AuditTables.ts"

export interface HistoryQuery {
  /** Entries about this grant; all by default. */
  readonly grantId?: string | undefined
  /** Entries about this client, and about what it was given; all by default. */
  readonly clientId?: string | undefined
  /** Entries about this subject, and about what it gave; all by default. */
  readonly subjectId?: string | undefined
  /** What this one did: the id of a client or subject, or `operator`; all by default. */
  readonly actor?: string | undefined
  /** Events of this type, as `GrantOpened`; all by default. */
  readonly type?: string | undefined
  /** What came of the request with this id; all by default. */
  readonly correlationId?: string | undefined
  /** Grants and tokens that name this resource; all by default. */
  readonly resource?: string | undefined
  /** The first position that may be given, an index. */
  readonly from: number
  /** The position after the last that may be given. */
  readonly to: number
  /** How many entries are given at most. */
  readonly limit: number
  /** The newest first. */
  readonly isNewestFirst?: boolean
}

/** Those that match the fewest entries come first. */
const columns = [
  ["correlationId", "correlation_id"],
  ["grantId", "grant_id"],
  ["subjectId", "subject_id"],
  ["actor", "actor"],
  ["clientId", "client_id"],
  ["type", "type"],
] as const

/** The statement that gives `position`s. A `+` keeps SQLite from choosing another index. */
export const historyStatement = (
  query: HistoryQuery,
): { readonly sql: string; readonly parameters: ReadonlyArray<Value> } => {
  const given = columns.flatMap(([name, column]) => {
    const value = query[name]
    return value === undefined ? [] : [{ column: `e.${column}`, value: value as Value }]
  })
  const { resource, from, to, limit, isNewestFirst = false } = query
  const isByResource = resource !== undefined
  const place = isByResource ? "r.position" : "e.position"
  const source = isByResource
    ? `${resourceTable.name} r CROSS JOIN ${entryTable.name} e ON e.position = r.position`
    : `${entryTable.name} e`
  const conditions = [
    ...(isByResource ? ["r.resource = ?"] : []),
    ...given.map(({ column }, index) => `${index === 0 && !isByResource ? "" : "+"}${column} = ?`),
    `${place} >= ?`,
    `${place} < ?`,
  ]
  return {
    sql: `SELECT ${place} AS position FROM ${source} WHERE ${conditions.join(" AND ")} ORDER BY ${place}${isNewestFirst ? " DESC" : ""} ${LIMIT}`,
    parameters: [...(isByResource ? [resourceKey(resource)] : []), ...given.map(({ value }) => value), from, to, limit],
  }
}

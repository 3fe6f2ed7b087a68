/**
 * Rows: what is kept beside the log to answer from, described once for every store.
 *
 * A table is data; a store makes SQL or maps of it. Inline projections write rows in the transaction of the append
 * that they follow from, so that `rows = fold(log)` at every moment anybody can see.
 */
import { hash } from "node:crypto"
import type { Retired, RetiredStream } from "./Retired.ts"
import type { Recorded } from "./Recorded.ts"

export type Value = string | number | Uint8Array | null
export type Row = Readonly<Record<string, Value>>

export interface Table {
  readonly name: string
  readonly columns: Readonly<Record<string, "TEXT" | "INTEGER" | "BLOB">>
  readonly key: ReadonlyArray<string>
  readonly indexes: ReadonlyArray<ReadonlyArray<string>>
  /** Rows of a kilobyte and more, which a store that keeps small rows within the index of their key keeps beside it. */
  readonly isWide?: boolean
}

/**
 * Rows whose `where` columns are equal, in `orderBy` (default: the key), behind `after`, `limit` at most. Where
 * `isDescending`, from the last to the first, and behind `after` is what comes before it.
 */
export interface Listing {
  /** Only these columns; default all of them. */
  readonly columns?: ReadonlyArray<string>
  readonly where?: Row
  readonly orderBy?: ReadonlyArray<string>
  readonly isDescending?: boolean
  readonly after?: ReadonlyArray<Value>
  readonly limit?: number
}

export interface RowReader {
  get(table: Table, key: ReadonlyArray<Value>): Row | undefined
  list(table: Table, listing: Listing): ReadonlyArray<Row>
  count(table: Table, where: Row): number
}

export interface RowWriter extends RowReader {
  put(table: Table, row: Row): void
  /** Gives some columns of a row that is there other values. */
  set(table: Table, key: ReadonlyArray<Value>, columns: Row): void
  delete(table: Table, key: ReadonlyArray<Value>): void
}

/**
 * A row of one table leads to those of another whose key is, or begins with, the value of a column: who asks for the one
 * mostly asks for the others next, so that a store elsewhere may fetch them at once. Says nothing about what is there.
 */
export interface Reference {
  readonly from: Table
  readonly column: string
  readonly to: Table
}

/** Questions about rows by name; what comes behind the rows is what is asked for. */
export type Queries = Readonly<Record<string, (rows: RowReader, ...about: never) => unknown>>

/** What can be done to side tables, by name; each is one transaction, which also sees the rows. */
export type Operations = Readonly<Record<string, (rows: RowWriter, ...about: never) => unknown>>

/** What an append makes of a row: a new one or one in its place, other values in some columns of it, or nothing. */
export type RowChange =
  | { readonly _tag: "Put"; readonly table: Table; readonly row: Row }
  | { readonly _tag: "Set"; readonly table: Table; readonly key: ReadonlyArray<Value>; readonly columns: Row }
  | { readonly _tag: "Delete"; readonly table: Table; readonly key: ReadonlyArray<Value> }

export const applyChange = (rows: RowWriter, change: RowChange): void => {
  switch (change._tag) {
    case "Put":
      return rows.put(change.table, change.row)
    case "Set":
      return rows.set(change.table, change.key, change.columns)
    case "Delete":
      return rows.delete(change.table, change.key)
  }
}

/**
 * Rows as a fold of the log. Whoever appends says what becomes of the rows; `fold` says what a whole stream that is in the
 * log already has made of them: a rebuild must come to the very same.
 *
 * What `prune` removes died, by its own account, no earlier than its newest entry was recorded.
 */
export interface InlineProjection<Asked extends Queries = Queries> {
  readonly tables: ReadonlyArray<Table>
  readonly references?: ReadonlyArray<Reference>
  /** What the rows can be asked. */
  readonly queries: Asked
  /** Names the tables and the fold: rows of another description are not to be mixed with these. */
  readonly description: string
  /** `entries` are those of one stream, all of them. Streams come in the order of their names. */
  readonly fold: (entries: ReadonlyArray<Recorded>) => ReadonlyArray<RowChange>
  /** Removes rows of what is dead, up to a bound that is kept with the store; says which they were. */
  readonly prune: (rows: RowWriter, through: PrunedThrough, limit: number) => PrunedThrough | undefined
  /** What is left of a whole stream once it is archived; `undefined` for one that stays. Absent: all of them stay. */
  readonly retire?: (entries: ReadonlyArray<Recorded>) => Retired | undefined
  /** What an archived stream has made of rows that are not its own. */
  readonly foldRetired?: (stream: RetiredStream) => ReadonlyArray<RowChange>
}

/** A description of a projection: another one for other tables, and for another count of changes of the fold. */
export const describedAs = (fold: number, tables: ReadonlyArray<Table>): string =>
  `${fold} ${hash("sha256", JSON.stringify(tables), "base64url")}`

/** A pair of death time and id: everything up to it was removed. */
export interface PrunedThrough {
  readonly diedAt: number
  readonly id: string
}

export const nothingPruned: PrunedThrough = { diedAt: -1, id: "" }

export const isWithin = (row: PrunedThrough, through: PrunedThrough): boolean =>
  row.diedAt < through.diedAt || (row.diedAt === through.diedAt && row.id <= through.id)

/** The order of values of one column: what has none first, bytes by their content. */
export const compareValues = (left: Value, right: Value): number => {
  if (left === right) return 0
  if (left === null || right === null) return left === null ? -1 : 1
  if (left instanceof Uint8Array && right instanceof Uint8Array) return Buffer.compare(left, right)
  return left < right ? -1 : 1
}

/** The order that listings come in. */
export const compareBy =
  (columns: ReadonlyArray<string>) =>
  (left: Row, right: Row): number =>
    columns.reduce((order, column) => (order === 0 ? compareValues(left[column]!, right[column]!) : order), 0)

/** A value as text, for people: bytes as base64url, like a digest. */
export const valueText = (value: Value): string =>
  value instanceof Uint8Array ? Buffer.from(value).toString("base64url") : String(value)

/** What stands for a value among others of its column in a map, where bytes would be told apart by their place. */
export const mapKey = (value: Value) => (value instanceof Uint8Array ? valueText(value) : value)

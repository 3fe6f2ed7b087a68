/**
 * SQL that creates a table as it was described: STRICT, its indexes beside it.
 *
 * Small rows are kept within the index of their key, without row ids. A page of that index holds a quarter of itself of
 * a row at most and puts the rest on a page of its own, so that a wide row would take two.
 */
import type { Table } from "../Rows.ts"

export const createTable = (table: Table, kind: "TABLE" | "TEMP TABLE" = "TABLE"): string => {
  const { name, columns, key, isWide = false } = table
  const options = isWide ? "STRICT" : "STRICT, WITHOUT ROWID"
  const definitions = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
  return [
    `CREATE ${kind} ${name} (${definitions.join(", ")}, PRIMARY KEY (${key.join(", ")})) ${options};`,
    ...indexesOf(table).map(({ statement }) => statement),
  ].join("\n")
}

/** The indexes beside a table, with the statements that create them. */
export const indexesOf = ({
  name: table,
  indexes,
}: Pick<Table, "name" | "indexes">): ReadonlyArray<{ readonly name: string; readonly statement: string }> =>
  indexes.map((by) => {
    const name = `${table}_by_${by.join("_")}`
    return { name, statement: `CREATE INDEX ${name} ON ${table} (${by.join(", ")});` }
  })

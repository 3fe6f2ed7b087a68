/**
 * Lets the database compare the rows of a served table with the folded ones.
 *
 * The served values are not read into the program: malformed text, and numbers that JavaScript cannot hold, are compared
 * as they are stored.
 */
import type { Comparison } from "../Rebuild.ts"
import { valueText, type Table } from "../Rows.ts"
import type { SqliteDriver } from "./Driver.ts"
import { shown } from "../Schema.ts"

/** `served` and `folded` are the names of the two tables. */
export const compareTable = (driver: SqliteDriver, table: Table, served: string, folded: string): Comparison => {
  const columns = Object.keys(table.columns)
  const hasKey = table.key.map((column) => `f.${column} = s.${column}`).join(" AND ")
  const isSame = columns
    .filter((column) => !table.key.includes(column))
    .map((column) => ` AND f.${column} IS s.${column}`)
    .join("")
  const key = (from: string) => table.key.map((column) => `${from}.${column} AS ${column}`).join(", ")
  const differing = `
    SELECT ${key("s")} FROM ${served} s WHERE NOT EXISTS (SELECT 1 FROM ${folded} f WHERE ${hasKey}${isSame})
    UNION ALL
    SELECT ${key("f")} FROM ${folded} f WHERE NOT EXISTS (SELECT 1 FROM ${served} s WHERE ${hasKey})`
  const count = (from: string) => Number(driver.prepare(`SELECT count(*) AS n FROM ${from}`).get()?.["n"])
  const differingRowCount = count(`(${differing})`)
  const order = table.key.join(", ")
  const asText = table.key.map(readable).join(", ")
  const [first] =
    differingRowCount === 0
      ? []
      : driver.prepare(`SELECT ${asText} FROM (SELECT * FROM (${differing}) ORDER BY ${order} LIMIT 1)`).all()
  return {
    rowCount: count(served),
    differingRowCount,
    firstDiffering:
      first === undefined
        ? undefined
        : [table.name, ...table.key.map((column) => shown(valueText(first[column]!)))].join(" "),
  }
}

/** Numbers as text, so that the driver neither rounds nor refuses any. */
const readable = (column: string): string =>
  `iif(typeof(${column}) = 'blob', ${column}, CAST(${column} AS TEXT)) AS ${column}`

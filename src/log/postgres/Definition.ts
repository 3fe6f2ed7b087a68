/**
 * SQL that creates a table as it was described, in a schema of its own: text in the order of its bytes, what has no value
 * first, as in every other store.
 */
import type { Table } from "../Rows.ts"

type Type = Table["columns"][string]

const types: Readonly<Record<Type, string>> = { TEXT: "text", INTEGER: "bigint", BLOB: "bytea" }

export const sqlType = (type: Type): string => types[type]

/** How a column is ordered; a column of the key always has a value, and its index is in the order that is the default. */
export const nullsFirst = (table: Table, column: string, isDescending = false): string => {
  if (table.key.includes(column)) return isDescending ? " DESC" : ""
  return isDescending ? " DESC NULLS LAST" : " NULLS FIRST"
}

/** Rows are changed in place as long as their page has room. */
export const createTable = (schema: string, table: Table, kind: "TABLE" | "TEMP TABLE" = "TABLE"): string => {
  const { name, columns, key, indexes } = table
  const full = kind === "TABLE" ? `${schema}.${name}` : name
  const definitions = Object.entries(columns).map(
    ([column, type]) => `${column} ${sqlType(type)}${type === "TEXT" ? ' COLLATE "C"' : ""}`,
  )
  return [
    `CREATE ${kind} ${full} (${definitions.join(", ")}, PRIMARY KEY (${key.join(", ")})) WITH (fillfactor = 80);`,
    ...indexes.map(
      (by) =>
        `CREATE INDEX ${name}_by_${by.join("_")} ON ${full} (${by.map((column) => column + nullsFirst(table, column)).join(", ")});`,
    ),
  ].join("\n")
}

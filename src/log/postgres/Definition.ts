/**
 * SQL that creates a described table in its schema. Text is ordered by its bytes and NULL comes first, as in every other
 * store.
 */
import type { Table } from "../Rows.ts"

type Type = Table["columns"][string]

const types: Readonly<Record<Type, string>> = { TEXT: "text", INTEGER: "bigint", BLOB: "bytea" }

export const sqlType = (type: Type): string => types[type]

/** How a column is ordered. A column of the key is never NULL, so its index keeps the default order. */
export const nullsFirst = (table: Table, column: string, isDescending = false): string => {
  if (table.key.includes(column)) return isDescending ? " DESC" : ""
  return isDescending ? " DESC NULLS LAST" : " NULLS FIRST"
}

/** Leaves room in each page, so that rows can be changed in place. */
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

/** SQL that creates a table as it was described: STRICT, without row ids, its indexes beside it. */
import type { Table } from "../Rows.ts"

export const createTable = ({ name, columns, key, indexes }: Table, kind: "TABLE" | "TEMP TABLE" = "TABLE"): string => {
  const definitions = Object.entries(columns).map(([column, type]) => `${column} ${type}`)
  return [
    `CREATE ${kind} ${name} (${definitions.join(", ")}, PRIMARY KEY (${key.join(", ")})) STRICT, WITHOUT ROWID;`,
    ...indexes.map((by) => `CREATE INDEX ${name}_by_${by.join("_")} ON ${name} (${by.join(", ")});`),
  ].join("\n")
}

/** The driver over node:sqlite, which every Node has: the default. */
import { DatabaseSync, type StatementSync } from "node:sqlite"
import type { Row } from "../Rows.ts"
import { sqliteFault, type OpenSqlite } from "./Driver.ts"

const CORRUPT = 11

const attempt = <A>(body: () => A): A => {
  try {
    return body()
  } catch (cause) {
    const { errcode, code } = cause as { readonly errcode?: number; readonly code?: string }
    // It refuses to round an integer. None that grantlog wrote needs rounding.
    throw sqliteFault(code === "ERR_OUT_OF_RANGE" ? CORRUPT : errcode, cause)
  }
}

export const openNodeSqlite: OpenSqlite = (file) => {
  const database = attempt(() => new DatabaseSync(file, { timeout: 0 }))
  return {
    exec: (sql) => attempt(() => database.exec(sql)),
    prepare: (sql) => {
      const statement: StatementSync = attempt(() => database.prepare(sql))
      return {
        get: (...values) => attempt(() => statement.get(...values) as Row | undefined),
        all: (...values) => attempt(() => statement.all(...values) as ReadonlyArray<Row>),
        run: (...values) => attempt(() => void statement.run(...values)),
      }
    },
    isInTransaction: () => database.isTransaction,
    close: () => attempt(() => database.close()),
  }
}

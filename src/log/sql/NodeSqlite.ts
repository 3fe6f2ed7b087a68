/** The driver over node:sqlite, which every Node has: the default. */
import { DatabaseSync } from "node:sqlite"
import type { Row, Value } from "../Rows.ts"
import { sqliteFault, type OpenSqlite } from "./Driver.ts"

const CORRUPT = 11

/** The same, its failures as faults. */
const attempting =
  <Input extends ReadonlyArray<unknown>, A>(body: (...input: Input) => A) =>
  (...input: Input): A => {
    try {
      return body(...input)
    } catch (cause) {
      const { errcode, code } = cause as { readonly errcode?: number; readonly code?: string }
      // It refuses to round an integer. None that grantlog wrote needs rounding.
      throw sqliteFault(code === "ERR_OUT_OF_RANGE" ? CORRUPT : errcode, cause)
    }
  }

export const openNodeSqlite: OpenSqlite = attempting((file) => {
  const database = new DatabaseSync(file, { timeout: 0 })
  return {
    exec: attempting((sql) => database.exec(sql)),
    prepare: attempting((sql) => {
      const statement = database.prepare(sql)
      return {
        get: attempting((...values) => statement.get(...values) as Row | undefined),
        all: attempting((...values) => statement.all(...values) as ReadonlyArray<Row>),
        run: attempting((...values) => void statement.run(...values)),
      }
    }),
    prepareValue: attempting((sql) => {
      const statement = database.prepare(sql)
      statement.setReturnArrays(true)
      return attempting(() => (statement.get() as unknown as readonly [Value])[0])
    }),
    isInTransaction: () => database.isTransaction,
    close: attempting(() => database.close()),
  }
})

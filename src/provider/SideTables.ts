/**
 * The tables beside the log: accounts and browser sessions. No event says what is in them, and no rebuild makes them.
 *
 * Each operation is one transaction, which sees the rows of the log as well: a session is opened for an account as it
 * stands in that moment.
 */
import type { SideTables, Table } from "../log/index.ts"
import { accountOperations, accountQueries } from "./AccountRows.ts"
import { sessionOperations, sessionQueries } from "./SessionRows.ts"
import { accountTable, sessionTable } from "./AccountTables.ts"

const tables: ReadonlyArray<Table> = [accountTable, sessionTable]

export const sideTables = {
  tables,
  // A session names nobody.
  personal: [accountTable],
  queries: { ...accountQueries, ...sessionQueries },
  operations: { ...accountOperations, ...sessionOperations },
} satisfies SideTables

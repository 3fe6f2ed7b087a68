/**
 * The tables beside the log: accounts, their passkeys, browser sessions, requests of devices, and bookmarks. No event says what is in them, and no rebuild makes them.
 *
 * Each operation is one transaction, which sees the rows of the log as well: a session is opened for an account as it
 * stands in that moment.
 */
import type { SideTables, Table } from "../log/index.ts"
import { accountOperations, accountQueries } from "./AccountRows.ts"
import { sessionOperations, sessionQueries } from "./SessionRows.ts"
import { accountTable, bookmarkTable, deviceTable, passkeyTable, sessionTable } from "./AccountTables.ts"
import { bookmarkOperations, bookmarkQueries } from "./BookmarkRows.ts"
import { deviceOperations, deviceQueries } from "./DeviceRows.ts"
import { passkeyOperations, passkeyQueries } from "./PasskeyRows.ts"

const tables: ReadonlyArray<Table> = [accountTable, sessionTable, passkeyTable, deviceTable, bookmarkTable]

export const sideTables = {
  tables,
  // A session names nobody, nor does a bookmark.
  personal: [accountTable, passkeyTable, deviceTable],
  queries: { ...accountQueries, ...sessionQueries, ...passkeyQueries, ...deviceQueries, ...bookmarkQueries },
  operations: {
    ...accountOperations,
    ...sessionOperations,
    ...passkeyOperations,
    ...deviceOperations,
    ...bookmarkOperations,
  },
} satisfies SideTables

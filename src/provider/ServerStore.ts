/** The store that a server runs on: any that answers what the rows and the side tables here are asked. */
import type { Store } from "../log/index.ts"
import type { RowQueries } from "../projection/index.ts"
import type { sideTables } from "./SideTables.ts"

/** The store that a server is made over: what `memoryStore`, `sqliteStore` and `postgresStore` give. */
export type ServerStore = Store<RowQueries, typeof sideTables.queries, typeof sideTables.operations>

/** Servers over the PostgreSQL of the run, for tests that try every store; none where it is not packaged for the platform. */
import { Effect } from "effect"
import { onTestFinished } from "vitest"
import { postgresStore } from "../../src/provider/index.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import { newSchema, postgres } from "../log/postgres/Schemas.ts"
import { factory } from "./TestServer.ts"

/** `schema` may be one that another store is in already. */
export const openPostgresStore = (schema = newSchema()): ServerStore => {
  const store = postgresStore(postgres!, { schema, readerCount: 1 })
  onTestFinished(() => Effect.runPromise(store.close))
  return store
}

/** By name, as the other stores are listed. */
export const postgresStores: ReadonlyArray<readonly [name: string, open: () => ServerStore]> =
  postgres === undefined ? [] : [["PostgreSQL", () => openPostgresStore()]]

export const overPostgres = postgresStores.map(([, open]) => factory("native over postgres", open))

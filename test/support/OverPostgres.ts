/** Servers over the PostgreSQL of the run, for tests that try every store; none where it is not packaged for the platform. */
import { Effect } from "effect"
import { onTestFinished } from "vitest"
import type { PostgresSettings } from "../../src/log/index.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import { postgresStore } from "../../src/provider/index.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"
import { emptySchema, newSchema, openLasting, postgres } from "../log/postgres/Schemas.ts"
import { serve, serverOver, type Factory } from "./TestServer.ts"

const INSTANCES = 4

const open = (...options: Parameters<typeof postgresStore>): ServerStore => {
  const store = postgresStore(...options)
  onTestFinished(() => Effect.runPromise(store.close))
  return store
}

/** `schema` may be one that another store is in already. */
export const openPostgresStore = (schema = newSchema(), settings: PostgresSettings = {}): ServerStore =>
  open(postgres!, { schema, readerCount: 1, ...settings })

/** By name, as the other stores are listed. */
export const postgresStores: ReadonlyArray<readonly [name: string, open: () => ServerStore]> =
  postgres === undefined ? [] : [["PostgreSQL", () => openPostgresStore()]]

/**
 * Four instances, which are asked in turn, a request each: every one a server of its own over a store and connections of
 * its own, in this process, for they have one clock that only the test moves. `native` is the first of them.
 */
const instances: Factory = {
  name: "four instances over postgres",
  isNative: true,
  start: async (setting = {}) => {
    const schema = emptySchema(inlineProjection)
    const [first, ...others] = Array.from({ length: INSTANCES }, (_, instance) =>
      open(postgres!, { schema, open: openLasting(instance) }),
    )
    const made = await serverOver({ ...setting, store: first! })
    const { keys, clock } = made
    const natives = [made.native]
    for (const store of others) natives.push((await serverOver({ ...setting, store, keys, clock })).native)
    return { ...made, url: await serve(natives, setting) }
  },
}

export const overPostgres: ReadonlyArray<Factory> = postgres === undefined ? [] : [instances]

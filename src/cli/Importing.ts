/** Opening the place that a log is copied into, SQLite or PostgreSQL, for as long as a scope lives. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { postgresImporter, sqliteImporter, type Importer, type StoreFault } from "../log/index.ts"
import { inlineProjection } from "../projection/index.ts"
import { sideTables } from "../provider/SideTables.ts"
import type { StoreLocation } from "./StoreLocation.ts"

/** The store of the place has to be there by the time that something is copied. */
export const importerInto = ({ file, database }: StoreLocation): Effect.Effect<Importer, StoreFault, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () =>
        database === undefined
          ? sqliteImporter(file ?? "", inlineProjection, sideTables)
          : postgresImporter(database.url, inlineProjection),
      catch: (cause) => cause as StoreFault,
    }),
    ({ close }) => close,
  )

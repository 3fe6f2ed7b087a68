/** A log in a SQLite file on which everything has happened that random operations make happen. */
import { join } from "node:path"
import { Effect } from "effect"
import { trySystem } from "../../properties/random/Random.ts"
import { sqliteStore } from "../../src/provider/index.ts"
import { nativeSystem } from "../support/systems/Native.ts"
import { configFor, modelFeatures, running } from "../support/systems/Running.ts"
import { serverOver } from "../support/TestServer.ts"

/** Writes `grantlog.db` into `folder` and closes it; gives its path. */
export const busyLog = async (folder: string, seed: number, sequenceCount = 12): Promise<string> => {
  const file = join(folder, "grantlog.db")
  const store = sqliteStore(file)
  const up = running(await serverOver({ store, config: configFor(), features: modelFeatures }))
  await trySystem(nativeSystem("a busy server", up), { seed, sequenceCount })
  await Effect.runPromise(store.close)
  return file
}

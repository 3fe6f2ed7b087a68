/** A log in a file as `grantlog serve` makes it, with its key for checkpoints, and a way to append to it fast. */
import { Effect } from "effect"
import { keyFileOf, makeServer, readKeyFile, sqliteStore } from "../../src/provider/index.ts"
import { serveHere } from "../cli/ServeHere.ts"

export interface GrowingLog {
  readonly file: string
  readonly issuer: string
  /** How a command is told which store it is. */
  readonly store: readonly ["--store", string]
  /** Appends an entry for each of so many new clients. */
  readonly grow: (entryCount: number) => Promise<void>
}

/** Makes the log at a path where there is none; nobody serves it when it is given. */
export const growingLog = async (file: string): Promise<GrowingLog> => {
  const server = await serveHere(file)
  const { url: issuer } = server
  await server[Symbol.asyncDispose]()
  return {
    file,
    issuer,
    store: ["--store", `sqlite:${file}`],
    grow: async (entryCount) => {
      const store = sqliteStore(file)
      const keys = readKeyFile(keyFileOf(file))
      const native = await Effect.runPromise(makeServer({ store, keys, config: { issuer }, onNotice: () => {} }))
      const metadata = { redirect_uris: ["http://127.0.0.1/"] }
      for (let count = 0; count < entryCount; count++) await Effect.runPromise(native.addClient({ metadata }))
      await Effect.runPromise(store.close)
    },
  }
}

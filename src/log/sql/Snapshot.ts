/**
 * A copy of a SQLite file as of one moment, made while others write to it.
 *
 * The source is read within one transaction, so that nobody's commit begins the copy anew, and nobody waits for it. The
 * copy is a file without a journal, whole and on the disk when the effect ends. Never opens the source to write.
 */
import * as Effect from "effect/Effect"
import { StoreFault } from "../EventLog.ts"
import { sqliteFault } from "./Driver.ts"

/** Pages that are copied between two turns of the event loop. */
const PAGES_AT_ONCE = 1024
const OPEN_WAIT_MILLIS = 5000

const toFault = (cause: unknown): StoreFault =>
  cause instanceof StoreFault ? cause : sqliteFault((cause as { readonly errcode?: number }).errcode, cause)

/** Copies `from` to `to`, which must not be there; gives how many entries the log in it has. */
export const snapshotFile = (
  from: string,
  to: string,
  onProgress: (pageCount: number, total: number) => void = () => {},
): Effect.Effect<number, StoreFault> =>
  Effect.tryPromise({
    try: async () => {
      const { DatabaseSync, backup } = await import("node:sqlite")
      const source = new DatabaseSync(from, { timeout: OPEN_WAIT_MILLIS, readOnly: true })
      try {
        // The first read fixes the moment, and the copy is made of what this transaction sees.
        source.exec("BEGIN")
        const head = source.prepare("SELECT max(position) AS last FROM entries").get()
        const pageCount = await backup(source, to, {
          rate: PAGES_AT_ONCE,
          progress: ({ totalPages, remainingPages }) => onProgress(totalPages - remainingPages, totalPages),
        })
        onProgress(pageCount, pageCount)
        return Number(head?.["last"] ?? -1) + 1
      } finally {
        source.close()
      }
    },
    catch: toFault,
  })

/** Catching the moment right behind a commit, before whoever committed has answered anybody. */
import { DatabaseSync } from "node:sqlite"

const PATIENCE_MILLIS = 500

/**
 * Returns once another connection has committed to the file, or after half a second. Holds this thread all the while,
 * so that nothing that happens in between is read.
 */
export const untilCommitted = (file: string): void => {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    // It moves with every commit of somebody else.
    const version = database.prepare("PRAGMA data_version")
    const before = version.get()?.["data_version"]
    const deadline = performance.now() + PATIENCE_MILLIS
    while (version.get()?.["data_version"] === before && performance.now() < deadline);
  } finally {
    database.close()
  }
}

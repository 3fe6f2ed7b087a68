/** The serve lock: of several servers on one file, one serves. Commands that only append do not take it. */
import { StoreFault, takeLock } from "../log/index.ts"

/** Takes the lock for a database file; gives back how to release it. */
export const takeServeLock = (file: string): (() => void) => {
  try {
    return takeLock(`${file}.serve-lock`)
  } catch (cause) {
    if (!(cause instanceof StoreFault) || cause.reason !== "busy") throw cause
    const message = `another grantlog serves \`${file}\`: stop it, or use another --store`
    throw new StoreFault({ reason: "locked", message, cause })
  }
}

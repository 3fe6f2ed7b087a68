/** What is said where the log itself is not right. */
import { StoreFault } from "../../log/index.ts"

/** `what`: a sentence without a period that names an entry. */
export const corrupt = (what: string): StoreFault =>
  new StoreFault({ reason: "corrupt", message: `${what}; run grantlog verify, and restore from a backup` })

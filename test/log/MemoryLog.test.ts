/** The log in memory keeps what every log promises. */
import { makeMemoryLog } from "../../src/log/index.ts"
import { logSuite } from "./LogSuite.ts"
import { tally } from "./Samples.ts"
import { rowsByHand } from "./RowsByHand.ts"

logSuite("the log in memory", (options = {}) => makeMemoryLog({ projection: tally, side: rowsByHand, ...options }))

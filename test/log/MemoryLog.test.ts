/** The log in memory keeps what every log promises, and so it does where every answer comes later. */
import { makeMemoryLog } from "../../src/log/index.ts"
import { lateStore } from "../support/LateStore.ts"
import { logSuite } from "./LogSuite.ts"
import { tally } from "./Samples.ts"
import { rowsByHand } from "./RowsByHand.ts"

logSuite("the log in memory", (options = {}) => makeMemoryLog({ projection: tally, side: rowsByHand, ...options }))

logSuite("a log whose answers come later", (options = {}) =>
  lateStore(makeMemoryLog({ projection: tally, side: rowsByHand, schedule: setImmediate, ...options })),
)

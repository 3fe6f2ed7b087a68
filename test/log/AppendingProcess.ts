/** A process of its own that opens a log and appends to it: `node AppendingProcess.ts <file> <name>`. */
import { makeSqliteLog } from "../../src/log/index.ts"
import { fill, tally } from "./Samples.ts"
import { rowsByHand } from "./RowsByHand.ts"

const [, , file, name] = process.argv
const log = makeSqliteLog(file!, { projection: tally, side: rowsByHand })
const outcomes = await fill(log, name!, 20, (stream, millis) => ({
  _tag: "SubjectEnabled",
  subjectId: `sub_${stream}` as never,
  enabledAt: millis as never,
}))
process.exitCode = outcomes.every((outcome) => outcome._tag === "Appended") ? 0 : 1

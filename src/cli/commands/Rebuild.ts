/** `grantlog rebuild`: the rows folded anew from the log, compared with what was served, and put right. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { makeCommand } from "../Defaults.ts"
import { json, located } from "../Flags.ts"
import { openLog } from "../OpenStore.ts"
import { printJson, printLine } from "../Print.ts"
import { entryProgress } from "../Progress.ts"
import { oneLine } from "../Terminal.ts"

export const rebuild = makeCommand(
  "rebuild",
  { ...located, json },
  Effect.fn(function* (flags) {
    const { log } = yield* openLog(flags)
    const { size } = yield* log.head
    const progress = entryProgress()
    const onProgress = flags.json ? () => {} : (entryCount: number) => progress(entryCount, size)
    const rebuilt = yield* log.rebuild({ now: yield* Clock.currentTimeMillis, onProgress })
    if (flags.json) return yield* printJson(rebuilt)
    const { entryCount, rowCount, differingRowCount, faults } = rebuilt
    for (const fault of faults) yield* printLine(`FOUND  ${oneLine(fault)}`)
    yield* printLine(
      `${entryCount} entries folded into ${rowCount} rows; ${
        differingRowCount === 0 ? "all of them were as served" : `${differingRowCount} differed and were put right`
      }`,
    )
  }, Effect.scoped),
)

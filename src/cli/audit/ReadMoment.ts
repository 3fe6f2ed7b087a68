/** A moment as people name it: a position of the log, a time, or a span like `90m` for that long ago. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { momentAtPosition, momentAtTime, type Moment } from "../../audit/index.ts"
import type { EventLog, StoreFault } from "../../log/index.ts"
import { CommandFault, type UsageFault } from "../Failure.ts"
import { parseTime } from "./Times.ts"

const POSITION = /^(?:0|[1-9]\d{0,15})$/

export const readMoment = Effect.fnUntraced(function* (
  log: EventLog,
  text: string,
): Effect.fn.Return<Moment, StoreFault | CommandFault | UsageFault> {
  if (!POSITION.test(text)) return yield* momentAtTime(log, yield* parseTime(text, yield* Clock.currentTimeMillis))
  const found = yield* momentAtPosition(log, Number(text))
  if (found !== undefined) return found
  const { size } = yield* log.head
  return yield* new CommandFault({ message: `the log has ${size} entries, and none at position ${text}` })
})

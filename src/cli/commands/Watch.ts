/** `grantlog watch`: a line for every replay, every reuse, and retries that do not stop; else it is silent. */
import { Effect, Schema, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { alarmWatch, type Alarm } from "../../audit/index.ts"
import { local, showTime, type ShowTime } from "../audit/Times.ts"
import { json, store } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { printLine, textOf } from "../Print.ts"

const alarmLine = ({ alarm, at, position, grantId, sentence, actor, advice }: Alarm, show: ShowTime): string =>
  textOf(
    `${alarm.toUpperCase()}  ${show(at)}  #${position}  grant ${grantId}, by ${actor ?? "nobody named"}: ${sentence}; ${advice}`,
  )

export const watch = Command.make(
  "watch",
  {
    after: Flag.Int("after").pipe(
      Flag.withDescription("start behind this position, -1 for the beginning; at the end unless given"),
      Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(-1))),
      Flag.optional,
    ),
    store,
    json,
    local,
  },
  Effect.fn(function* (flags) {
    const log = yield* openExisting(flags.store)
    const start = flags.after._tag === "Some" ? flags.after.value + 1 : (yield* log.head).size
    const show = showTime(flags.local)
    const alarmOf = alarmWatch()
    yield* Stream.runForEach(log.subscribe(start), (entry) => {
      const alarm = alarmOf(entry)
      if (alarm === undefined) return Effect.void
      return printLine(flags.json ? JSON.stringify(alarm) : alarmLine(alarm, show))
    })
  }, Effect.scoped),
).pipe(Command.withDescription("Report replays, reuses and endless retries as they happen"))

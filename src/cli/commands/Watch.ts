/**
 * `grantlog watch`: a line for every replay, every reuse, retries that do not stop, and a kept checkpoint that the log
 * contradicts. It says that it watches; else it is silent.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import {
  alarmWatch,
  checkpointAlarms,
  clientNames,
  type Alarm,
  type CheckpointAlarm,
  type EntryAlarm,
} from "../../audit/index.ts"
import { whoOf } from "../audit/ExplainText.ts"
import { local, showTime, type ShowTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { printLine, textOf } from "../Print.ts"
import { commandLine } from "../Suggestions.ts"
import { jsonText, tell } from "../Terminal.ts"

/** How often the log is held against its checkpoints: as often as a server signs one, unless it is told otherwise. */
const LOOK_EVERY_MILLIS = 10_000

const checkpointLine = ({ alarm, at, sentence }: CheckpointAlarm, show: ShowTime): string =>
  textOf(`${alarm.toUpperCase()}  ${show(at)}  ${sentence}`)

const entryLine = (one: EntryAlarm, show: ShowTime): string => {
  const { alarm, at, position, grantId, sentence, advice } = one
  const head = `${alarm.toUpperCase()}  ${show(at)}  #${position}  grant ${grantId}, by ${whoOf(one)}`
  return textOf(`${head}: ${sentence}; ${advice}`)
}

export const watch = makeCommand(
  "watch",
  {
    after: Flag.Int("after").pipe(
      Flag.withDescription("start behind this position, -1 for the beginning; by default at the end"),
      Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(-1))),
      Flag.optional,
    ),
    ...located,
    checkpointCopy,
    json,
    local,
  },
  Effect.fn(function* (flags) {
    const { log, location, beside } = yield* openExisting(flags)
    const start = flags.after._tag === "Some" ? flags.after.value + 1 : (yield* log.head).size
    const show = showTime(flags.local)
    const alarmOf = alarmWatch()
    const ofEntries = log.subscribe(start).pipe(
      Stream.map(alarmOf),
      Stream.filter((alarm) => alarm !== undefined),
      Stream.mapEffect((alarm) =>
        Effect.map(clientNames(log, [alarm.actor]), (nameOf) => ({
          ...alarm,
          actorName: nameOf(alarm.actor) ?? null,
          advice: `${alarm.advice}: ${commandLine(["explain", alarm.grantId], location)}`,
        })),
      ),
    )
    const { checkpoints: storage } = beside
    const ofCheckpoints = checkpointAlarms(log, { storage, readKey: storage.readKey }, LOOK_EVERY_MILLIS)
    // On standard error, so that standard output is JSON alone where that was asked for.
    tell(`watching ${location.name} from entry ${start} on: a line is printed when something is wrong; Ctrl-C ends it`)
    yield* Stream.runForEach(Stream.merge(ofEntries, ofCheckpoints), (alarm: Alarm) => {
      if (flags.json) return printLine(jsonText(alarm))
      return printLine(alarm.alarm === "checkpoint" ? checkpointLine(alarm, show) : entryLine(alarm, show))
    })
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    {
      command: "grantlog watch --checkpoint-copy /mnt/elsewhere/checkpoint",
      description: "Also against the copy there",
    },
  ]),
)

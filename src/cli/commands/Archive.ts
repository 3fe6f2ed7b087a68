/** `grantlog archive`: grants that ended long ago, moved out of the log into a file that proves itself. */
import { existsSync, statSync } from "node:fs"
import { dirname, resolve } from "node:path"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { ROW_RETENTION_MILLIS } from "../../log/index.ts"
import { archiveInto } from "../Archiving.ts"
import { parseTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { UsageFault } from "../Failure.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { printFields, printJson, time } from "../Print.ts"
import { grantProgress } from "../Progress.ts"
import { tell } from "../Terminal.ts"

export const archive = makeCommand(
  "archive",
  {
    before: Flag.String("before").pipe(
      Flag.withDescription("what ended before this time: 2026-11-21T08:00:00Z, or 90d ago"),
    ),
    to: Flag.String("to").pipe(
      Flag.withDescription("the file to make; one that is there is gone on with, where this was stopped"),
    ),
    shrink: Flag.Boolean("shrink").pipe(
      Flag.withDescription("give the room in the file back, of SQLite; nobody can write meanwhile"),
      Flag.withDefault(false),
    ),
    ...located,
    checkpointCopy,
    json,
  },
  Effect.fn(function* (flags) {
    const now = yield* Clock.currentTimeMillis
    const before = yield* parseTime(flags.before, now)
    if (before > now - ROW_RETENTION_MILLIS) {
      return yield* new UsageFault({ message: "--before is too late: what ended in the last ten minutes stays" })
    }
    const path = resolve(flags.to)
    if (!existsSync(dirname(path))) {
      return yield* new UsageFault({ message: `there is no folder \`${dirname(path)}\`: make it, or name another` })
    }
    const opened = yield* openExisting(flags)
    const onCollected = flags.json ? () => {} : grantProgress()
    const archived = yield* archiveInto(opened, path, { before, onCollected, onRemoved: () => {} })
    const { number, shrink, before: cut, ...counts } = archived
    if (flags.shrink) {
      if (shrink === undefined) tell("a database is shrunk by its own VACUUM FULL")
      else yield* shrink
    }
    const { file } = opened.location
    const told = {
      archive: number,
      file: path,
      before: flags.json ? cut : time(cut),
      ...counts,
      archiveBytes: statSync(path).size,
      storeBytes: file === undefined ? null : statSync(file).size,
    }
    yield* flags.json ? printJson(told) : printFields(told)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    {
      command: "grantlog archive --before 90d --to /mnt/archives/2026-q3.archive",
      description: "Move what ended three months ago out of the log",
    },
  ]),
)

/** `grantlog at <time|position> explain …`: the same as of another moment, by folding what had been recorded by then. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import { archives } from "../audit/Archives.ts"
import { what } from "../audit/ReadQuestion.ts"
import { requestOrigin } from "../audit/RequestOrigins.ts"
import { local } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { asked, json, located } from "../Flags.ts"
import { explainAndPrint, html } from "./Explain.ts"

const moment = Argument.String("moment").pipe(
  Argument.withDescription("a position in the log, a time like 2026-11-21T08:00:00Z, or 90m, 24h, 7d ago"),
)

const question = Argument.Literals("question", ["explain"]).pipe(Argument.withDescription("what to do: explain"))

export const at = makeCommand(
  "at",
  { moment, question, what, requestOrigin, archive: archives, ...located, ...asked, json, html, local },
  Effect.fn(function* (flags) {
    yield* explainAndPrint(flags, Option.some(flags.moment))
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog at 24h explain sub_5Jq…", description: "What somebody had alive a day ago" },
    { command: "grantlog at 41 explain < token.txt", description: "A token right behind the entry at position 41" },
  ]),
)

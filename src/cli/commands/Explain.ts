/** `grantlog explain`: what a token, code, grant, client or subject is, whether it is alive, and if not, why. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { openDesk, type DeskFlags } from "../admin/Desk.ts"
import { sentQuestion } from "../admin/operations/AskedQuestion.ts"
import { explain as explainIt, listSigningKeys } from "../admin/operations/Audit.ts"
import { archives } from "../audit/Archives.ts"
import { explainHtml } from "../audit/ExplainHtml.ts"
import { explainText } from "../audit/ExplainText.ts"
import { readQuestion, what } from "../audit/ReadQuestion.ts"
import { requestOrigin } from "../audit/RequestOrigins.ts"
import { local, showTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { asked, json, located, optional } from "../Flags.ts"
import { printJson, printLine } from "../Print.ts"

export const html = Flag.Boolean("html").pipe(
  Flag.withDescription("print one page of HTML, to attach to a ticket"),
  Flag.withDefault(false),
)

export interface ExplainFlags extends DeskFlags {
  readonly what: Option.Option<string>
  readonly json: boolean
  readonly html: boolean
  readonly local: boolean
  readonly requestOrigin: boolean
}

/** Explains as of a moment of the log, or as of now, and prints it; fails if there is nothing to explain. */
export const explainAndPrint = Effect.fnUntraced(function* (flags: ExplainFlags, moment: Option.Option<string>) {
  if (flags.json && flags.html)
    return yield* new UsageFault({ message: "--json and --html are two answers: ask for one" })
  const questionBy = yield* readQuestion(flags.what)
  const { ask } = yield* openDesk(flags)
  const question = yield* questionBy(Effect.map(ask(listSigningKeys, {}), ({ keys }) => keys))
  const explanation = yield* ask(explainIt, {
    question: sentQuestion(question),
    request_origin: flags.requestOrigin,
    ...optional("at", moment),
  })
  const show = showTime(flags.local)
  if (flags.json) yield* printJson(explanation)
  else if (flags.html) yield* printLine(yield* Effect.promise(() => explainHtml(explanation, show)))
  else yield* printLine(explainText(explanation, show))
  if (!explanation.isOurs) return yield* new CommandFault({ message: explanation.sentence })
})

export const explain = makeCommand(
  "explain",
  { what, requestOrigin, archive: archives, ...located, ...asked, json, html, local },
  Effect.fn(function* (flags) {
    yield* explainAndPrint(flags, Option.none())
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog explain < token.txt", description: "A token that was found somewhere; it is hashed at once" },
    { command: "grantlog explain --html < token.txt > ticket.html", description: "The same as a page" },
    { command: "grantlog explain --request-origin 0pZkbk…", description: "And from which address who did that" },
  ]),
)

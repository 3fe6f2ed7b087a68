/** `grantlog explain`: what a token, code, grant, client or subject is, whether it is alive, and if not, why. */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { explain as explainAt, withRequestOrigins, type Audit, type Moment } from "../../audit/index.ts"
import type { StoreFault } from "../../log/index.ts"
import { archives, openArchives } from "../audit/Archives.ts"
import { openAudit, present } from "../audit/OpenAudit.ts"
import { explainHtml } from "../audit/ExplainHtml.ts"
import { explainText } from "../audit/ExplainText.ts"
import { readQuestion, what } from "../audit/ReadQuestion.ts"
import { openRequestOrigins, requestOrigin } from "../audit/RequestOrigins.ts"
import { questionByName } from "../audit/Subjects.ts"
import { local, showTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { json, located } from "../Flags.ts"
import type { KeptBeside } from "../Beside.ts"
import { existingKeys, openExisting } from "../OpenStore.ts"
import type { LocationFlags, StoreLocation } from "../StoreLocation.ts"
import { adviceAbout } from "../Suggestions.ts"
import { printJson, printLine } from "../Print.ts"

export const html = Flag.Boolean("html").pipe(
  Flag.withDescription("print one page of HTML, to attach to a ticket"),
  Flag.withDefault(false),
)

export interface ExplainFlags extends LocationFlags {
  readonly what: Option.Option<string>
  readonly json: boolean
  readonly html: boolean
  readonly local: boolean
  readonly requestOrigin: boolean
  readonly archive: ReadonlyArray<string>
}

/** The keys that the server signs with; none where they, or the key ring, are elsewhere: they only check what is asked. */
const keysAtHand = (location: StoreLocation, beside: KeptBeside) =>
  beside.mayHaveSigningKeys()
    ? Effect.orElseSucceed(
        Effect.gen(function* () {
          return yield* (yield* beside.openSigningKeys(yield* existingKeys(location))).list
        }),
        () => [],
      )
    : Effect.succeed([])

/** Explains as of a moment of the log, and prints it; fails if there is nothing to explain. */
export const explainAndPrint = Effect.fnUntraced(function* <E>(
  flags: ExplainFlags,
  momentOf: (audit: Audit) => Effect.Effect<Moment, E | StoreFault>,
) {
  if (flags.json && flags.html)
    return yield* new UsageFault({ message: "--json and --html are two answers: ask for one" })
  const questionBy = yield* readQuestion(flags.what)
  const { log: own, location, beside } = yield* openExisting(flags)
  const question = yield* questionBy(yield* keysAtHand(location, beside))
  const audit = yield* openAudit(own, location.file, yield* openArchives(own, flags.archive))
  const { log } = audit
  const open = flags.requestOrigin ? yield* openRequestOrigins(location, beside) : undefined
  const asked = yield* questionByName(audit, beside, question)
  const told = yield* explainAt(audit, asked, yield* momentOf(audit))
  const explanation = adviceAbout(location)(open === undefined ? told : yield* withRequestOrigins(log, open, told))
  const show = showTime(flags.local)
  if (flags.json) yield* printJson(explanation)
  else if (flags.html) yield* printLine(yield* Effect.promise(() => explainHtml(explanation, show)))
  else yield* printLine(explainText(explanation, show))
  if (!explanation.isOurs) return yield* new CommandFault({ message: explanation.sentence })
})

export const explain = makeCommand(
  "explain",
  { what, requestOrigin, archive: archives, ...located, json, html, local },
  Effect.fn(function* (flags) {
    yield* explainAndPrint(flags, present)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog explain < token.txt", description: "A token that was found somewhere; it is hashed at once" },
    { command: "grantlog explain --html < token.txt > ticket.html", description: "The same as a page" },
    { command: "grantlog explain --request-origin 0pZkbk…", description: "And from which address who did that" },
  ]),
)

/**
 * `grantlog forget`: what identifies somebody is removed for good; what happened stays recorded, under an id.
 *
 * Without `--yes` it says what it would do. Afterwards every later reading says `forgotten`, and proofs hold as before.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { openDesk } from "../admin/Desk.ts"
import { forgetSubject, showSubject } from "../admin/operations/Subjects.ts"
import { makeCommand } from "../Defaults.ts"
import { UsageFault } from "../Failure.ts"
import { asked, checkpointCopy, issuer, json, located } from "../Flags.ts"
import { tell } from "../Terminal.ts"
import { printFields, printJson, printLine } from "../Print.ts"

export const forget = makeCommand(
  "forget",
  {
    subject: Argument.String("whom").pipe(
      Argument.withDescription("whom to forget: the name of the account, or the id that the log knows them by"),
      Argument.optional,
    ),
    user: Flag.String("user").pipe(
      Flag.withDescription("whom to forget, by the name of the account and nothing else"),
      Flag.optional,
    ),
    yes: Flag.Boolean("yes").pipe(
      Flag.withDescription("do it; otherwise it is only said what would be done"),
      Flag.withDefault(false),
    ),
    ...located,
    issuer,
    ...asked,
    checkpointCopy,
    json,
  },
  Effect.fn(function* (flags) {
    if (Option.isSome(flags.subject) === Option.isSome(flags.user)) {
      return yield* new UsageFault({ message: "name whom to forget: an account or subject, or --user NAME" })
    }
    const { ask } = yield* openDesk(flags)
    const whom = Option.match(flags.user, {
      onNone: () => ({ subject: Option.getOrThrow(flags.subject) }),
      onSome: (name) => ({ subject: name, is_name: true }),
    })
    if (flags.yes) {
      const forgotten = yield* ask(forgetSubject, whom)
      return yield* flags.json
        ? printJson(forgotten)
        : printLine(
            `subject ${forgotten.subject} is forgotten: account, sessions and key are gone, and nothing of it is alive`,
          )
    }
    const found = yield* ask(showSubject, whom)
    if (flags.json) return yield* printJson({ ...found, done: "nothing: --yes does it" })
    yield* printFields(found)
    tell("\nnothing was done: --yes ends every grant of this subject and removes account, sessions and key for good")
  }, Effect.scoped),
).pipe(Command.withExamples([{ command: "grantlog forget alice --yes", description: "Forget the account alice" }]))

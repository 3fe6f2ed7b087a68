/** `grantlog blast-radius`: everything alive that descends from something, and with `--revoke --yes` the end of it. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { openDesk } from "../admin/Desk.ts"
import { blastRadius as showRadius, revokeBlastRadius } from "../admin/operations/Audit.ts"
import { blastText } from "../audit/BlastText.ts"
import { local, showTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { asked, json, located, optional } from "../Flags.ts"
import { printJson, printLine } from "../Print.ts"

const root = Argument.String("what").pipe(
  Argument.withDescription(
    "a grant, client or subject, an account's name, or the SHA-256 of a token or of a client's metadata document",
  ),
  Argument.optional,
)

export const blastRadius = makeCommand(
  "blast-radius",
  {
    what: root,
    since: Flag.String("since").pipe(
      Flag.withDescription("only what was approved from this time on: 2026-11-21T08:00:00Z, or 90m, 24h, 7d ago"),
      Flag.optional,
    ),
    revoke: Flag.Boolean("revoke").pipe(
      Flag.withDescription("end all of it; says what would be ended unless --yes is given"),
      Flag.withDefault(false),
    ),
    yes: Flag.Boolean("yes").pipe(Flag.withDescription("with --revoke: do it"), Flag.withDefault(false)),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("how many grants are named; all are counted"),
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 100_000 }))),
      Flag.withDefault(100),
    ),
    ...located,
    ...asked,
    json,
    local,
  },
  Effect.fn(function* (flags) {
    const { what, since, limit } = flags
    if (Option.isNone(what) && Option.isNone(since)) {
      return yield* new UsageFault({ message: "name a grant, client, subject, account or digest, or give --since" })
    }
    if (flags.yes && !flags.revoke) return yield* new UsageFault({ message: "--yes goes with --revoke" })
    const { ask } = yield* openDesk(flags)
    const about = { ...optional("about", what), ...optional("since", since), limit }
    const show = showTime(flags.local)
    if (!flags.revoke || !flags.yes) {
      const { radius, grantIds } = yield* ask(showRadius, about)
      if (flags.json) return yield* printJson(flags.revoke ? { ...radius, isDryRun: true, grantIds } : radius)
      yield* printLine(blastText(radius, show))
      if (!flags.revoke) return
      return yield* printLine(`nothing was changed: ${grantIds.length} grants would end; give --yes to end them`)
    }

    const ended = yield* ask(revokeBlastRadius, about)
    const { revokedGrantIds, left } = ended
    yield* flags.json
      ? printJson(ended)
      : printLine(`${revokedGrantIds.length} grants ended; left: ${left.counts.grants}`)
    if (left.counts.grants > 0) {
      const message = "more was approved in the meantime: disable the client, or run this again"
      return yield* new CommandFault({ message })
    }
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog blast-radius my-app", description: "What a client has alive" },
    { command: "grantlog blast-radius demo", description: "What somebody has alive, by the name of the account" },
    { command: "grantlog blast-radius --since 2h --revoke", description: "What ending the last two hours would end" },
  ]),
)

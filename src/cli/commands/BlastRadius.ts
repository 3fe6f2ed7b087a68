/** `grantlog blast-radius`: everything alive that descends from something, and with `--revoke --yes` the end of it. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { blastRadius as radiusOf, hasSecret, questionOf, type Audit, type Question } from "../../audit/index.ts"
import { openAudit, present } from "../audit/OpenAudit.ts"
import { blastText } from "../audit/BlastText.ts"
import { questionByName } from "../audit/Subjects.ts"
import { local, parseTime, showTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, secretInArguments, UsageFault } from "../Failure.ts"
import { json, located } from "../Flags.ts"
import { openExisting, openForOperator } from "../OpenStore.ts"
import { printJson, printLine } from "../Print.ts"
import { grantProgress } from "../Progress.ts"

const root = Argument.String("what").pipe(
  Argument.withDescription(
    "a grant, client or subject, an account's name, or the SHA-256 of a token or of a client's metadata document",
  ),
  Argument.optional,
)

const ask = Effect.fnUntraced(function* (
  audit: Audit,
  question: Question | undefined,
  openedSince: number | undefined,
  limit: number,
) {
  const grantIds: Array<string> = []
  const options = {
    question,
    openedSince,
    limit,
    onGrant: ({ grantId }: { readonly grantId: string }) => grantIds.push(grantId),
    onProgress: grantProgress(),
  }
  const radius = yield* radiusOf(audit, options, yield* present(audit))
  if (radius !== undefined) return { radius, grantIds }
  return yield* new CommandFault({ message: "nothing of that name or digest was ever here" })
})

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
    json,
    local,
  },
  Effect.fn(function* (flags) {
    const { what, since, limit } = flags
    if (Option.isSome(what) && hasSecret(what.value)) return yield* secretInArguments
    if (Option.isNone(what) && Option.isNone(since)) {
      return yield* new UsageFault({ message: "name a grant, client, subject, account or digest, or give --since" })
    }
    if (flags.yes && !flags.revoke) return yield* new UsageFault({ message: "--yes goes with --revoke" })
    const openedSince = Option.isSome(since) ? yield* parseTime(since.value, yield* Clock.currentTimeMillis) : undefined
    const { log, location, beside } = yield* openExisting(flags)
    const audit = yield* openAudit(log, location.file)
    const question = Option.isSome(what) ? yield* questionByName(audit, beside, questionOf(what.value)) : undefined
    const { radius, grantIds } = yield* ask(audit, question, openedSince, limit)
    const show = showTime(flags.local)
    if (!flags.revoke) return yield* flags.json ? printJson(radius) : printLine(blastText(radius, show))
    if (!flags.yes) {
      if (flags.json) return yield* printJson({ ...radius, isDryRun: true, grantIds })
      yield* printLine(blastText(radius, show))
      return yield* printLine(`nothing was changed: ${grantIds.length} grants would end; give --yes to end them`)
    }

    const { server } = yield* openForOperator({ ...flags, issuer: Option.none() })
    for (const grantId of grantIds) yield* server.revokeGrant(grantId, "operator")
    yield* audit.index.catchUp()
    const left = yield* ask(audit, question, openedSince, limit)
    yield* flags.json
      ? printJson({ revokedGrantIds: grantIds, left: left.radius })
      : printLine(`${grantIds.length} grants ended; left: ${left.radius.counts.grants}`)
    if (left.radius.counts.grants > 0) {
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

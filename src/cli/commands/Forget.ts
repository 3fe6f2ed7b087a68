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
import type { SubjectId } from "../../core/index.ts"
import type { Connections } from "../../provider/index.ts"
import { subjectNamed } from "../audit/Subjects.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { checkpointCopy, issuer, json, located } from "../Flags.ts"
import { openForOperator, type OpenedServer } from "../OpenStore.ts"
import { tell } from "../Terminal.ts"
import { printFields, printJson, printLine, time } from "../Print.ts"

interface ForgetTarget {
  readonly subject: Option.Option<string>
  readonly user: Option.Option<string>
}

/** The subject that was named, by its id or by the name that it signs in with. */
const subjectOf = Effect.fnUntraced(function* ({ server, log, beside }: OpenedServer, { subject, user }: ForgetTarget) {
  if (Option.isSome(subject) === Option.isSome(user)) {
    return yield* new UsageFault({ message: "name whom to forget: an account or subject, or --user NAME" })
  }
  if (Option.isSome(subject)) return yield* subjectNamed({ log, beside }, subject.value)
  const name = Option.getOrElse(user, () => "")
  const account = yield* server.accounts.find(name)
  if (account !== undefined) return account.subjectId
  return yield* new CommandFault({ message: `there is no account \`${name}\`` })
})

const countConnections = Effect.fnUntraced(function* (server: OpenedServer["server"], subjectId: SubjectId) {
  let count = 0
  for (let after: string | undefined, isMore = true; isMore; isMore = after !== undefined) {
    const page: Connections = yield* server.connections(subjectId, after === undefined ? {} : { after })
    count += page.connections.length
    after = page.after
  }
  return count
})

const found = Effect.fnUntraced(function* ({ server, log, subjectKeys }: OpenedServer, subjectId: SubjectId) {
  const account = yield* server.accounts.ofSubject(subjectId)
  const own = yield* log.readStream(`subject-${subjectId}`)
  const sessions = yield* server.sessions.list(subjectId, server.now())
  const liveGrantCount = yield* countConnections(server, subjectId)
  const [grant] = yield* server.grants({ subjectId }, { limit: 1 })
  if (account === undefined && own.length === 0 && grant === undefined) {
    return yield* new CommandFault({ message: `there is nothing of a subject \`${subjectId}\`` })
  }
  const forgotten = own.find(({ event }) => event._tag === "SubjectForgotten")
  return {
    subject: subjectId,
    account: account?.name ?? null,
    browserSessionCount: sessions.length,
    liveGrantCount,
    isKeyDestroyed: yield* subjectKeys.isForgotten(subjectId),
    forgotten: forgotten === undefined ? null : time(forgotten.recordedAt),
  }
})

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
    checkpointCopy,
    json,
  },
  Effect.fn(function* (flags) {
    const opened = yield* openForOperator(flags)
    const subjectId = yield* subjectOf(opened, flags)
    const before = yield* found(opened, subjectId)
    if (flags.yes) yield* opened.server.forgetSubject(subjectId)
    if (flags.json) return yield* printJson({ ...before, done: flags.yes ? "forgotten" : "nothing: --yes does it" })
    if (flags.yes) {
      return yield* printLine(
        `subject ${subjectId} is forgotten: account, sessions and key are gone, and nothing of it is alive`,
      )
    }
    yield* printFields(before)
    tell("\nnothing was done: --yes ends every grant of this subject and removes account, sessions and key for good")
  }, Effect.scoped),
).pipe(Command.withExamples([{ command: "grantlog forget alice --yes", description: "Forget the account alice" }]))

/** `grantlog grant …`: what was granted to whom, its history from the log, and ending it. */
import { Effect, Option, Schema } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { versionAt } from "../../audit/index.ts"
import type { Grant } from "../../core/index.ts"
import { CommandFault } from "../Failure.ts"
import { eventTree } from "../EventTree.ts"
import { issuer, json, store } from "../Flags.ts"
import { openForOperator } from "../OpenStore.ts"
import { after, limit, pageOf, printPage } from "../Listing.ts"
import { printJson, printLine, time } from "../Print.ts"
import { tell } from "../Terminal.ts"

const grantId = Argument.String("grant-id").pipe(
  Argument.withDescription("the grant's id: the 22 characters behind gla_, glr_ or glc_"),
)

const summary = (grant: Grant) => {
  if (grant._tag === "Absent") return undefined
  const { grantId: id, clientId, subjectId } = grant
  const row = { grant_id: id, status: grant._tag.toLowerCase(), client_id: clientId, subject: subjectId }
  return grant._tag === "Open"
    ? {
        ...row,
        scope: grant.scopes.join(" "),
        resource: grant.resources,
        opened: time(grant.openedAt),
        ends: time(grant.expiresAt),
      }
    : {
        ...row,
        scope: "",
        resource: [],
        opened: "",
        ends: time(grant._tag === "Revoked" ? grant.revokedAt : grant.deniedAt),
      }
}

const list = Command.make(
  "list",
  {
    client: Flag.String("client").pipe(Flag.withDescription("only those of this client"), Flag.optional),
    user: Flag.String("user").pipe(Flag.withDescription("only those of this account"), Flag.optional),
    after,
    limit: limit(10_000, 100),
    store,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    const { server } = yield* openForOperator(flags)
    const account = Option.isSome(flags.user) ? yield* server.accounts.find(flags.user.value) : undefined
    if (Option.isSome(flags.user) && account === undefined) {
      return yield* new CommandFault({ message: `there is no account \`${flags.user.value}\`` })
    }
    const grants = yield* server.grants(
      {
        ...Option.match(flags.client, { onNone: () => ({}), onSome: (clientId) => ({ clientId }) }),
        ...(account === undefined ? {} : { subjectId: account.subjectId }),
      },
      pageOf(flags),
    )
    const rows = grants.map(summary).filter((row) => row !== undefined)
    yield* printPage(rows, {
      name: "grants",
      none: "no grants",
      idOf: "grant_id",
      limit: flags.limit,
      isJson: flags.json,
    })
  }, Effect.scoped),
).pipe(Command.withDescription("List grants, the newest first"))

const before = Flag.Int("before").pipe(
  Flag.withDescription("only events before this position of the log"),
  Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  Flag.optional,
)

const show = Command.make(
  "show",
  { grantId, before, limit: limit(1000, 200), store, issuer, json },
  Effect.fn(function* (flags) {
    const { log } = yield* openForOperator(flags)
    const stream = `grant-${flags.grantId}`
    const count = yield* log.streamVersion(stream)
    if (count === 0) return yield* new CommandFault({ message: `there is no grant \`${flags.grantId}\`` })
    const end = Option.isSome(flags.before) ? yield* versionAt(log, stream, flags.before.value) : count
    const start = Math.max(0, end - flags.limit)
    const entries = yield* log.readStream(stream, start, end - start)
    const next = start === 0 ? null : (entries[0]?.position ?? null)
    if (flags.json) return yield* printJson({ entries, olderCount: start, before: next })
    yield* printLine(eventTree(stream, entries))
    if (next !== null) tell(`${start} older events are left out: --before ${next}`)
  }, Effect.scoped),
).pipe(Command.withDescription("Show a grant's newest events, as a tree from the log"))

const revoke = Command.make(
  "revoke",
  { grantId, store, issuer, json },
  Effect.fn(function* (flags) {
    const { server } = yield* openForOperator(flags)
    if ((yield* server.grant(flags.grantId))._tag === "Absent") {
      return yield* new CommandFault({ message: `there is no grant \`${flags.grantId}\`` })
    }
    yield* server.revokeGrant(flags.grantId, "operator")
    yield* flags.json
      ? printJson({ grant_id: flags.grantId, done: "revoked" })
      : printLine(`grant ${flags.grantId} is revoked: nothing of it is alive`)
  }, Effect.scoped),
).pipe(Command.withDescription("End a grant and everything that came of it"))

export const grant = Command.make("grant").pipe(
  Command.withDescription("Grants: what was approved, and what came of it"),
  Command.withSubcommands([list, show, revoke]),
)

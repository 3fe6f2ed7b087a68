/** `grantlog grant …`: what was granted to whom, its history from the log, and ending it. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { archivedAdvice, clientNames, clientsIn, versionAt, withArchives, type NameOf } from "../../audit/index.ts"
import { isGrantAlive, isLive, isUnsuspended, type EpochMillis, type Grant } from "../../core/index.ts"
import { archives, openArchives } from "../audit/Archives.ts"
import { subjectNamed } from "../audit/Subjects.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault } from "../Failure.ts"
import { eventTree } from "../EventTree.ts"
import { issuer, json, located } from "../Flags.ts"
import { openForOperator } from "../OpenStore.ts"
import { limit, pageFlags, pageOf, printPage, type Reading } from "../Listing.ts"
import { printJson, printLine, time } from "../Print.ts"
import { tell } from "../Terminal.ts"
import type { ServerStore } from "../../provider/index.ts"

const grantId = Argument.String("grant-id").pipe(
  Argument.withDescription("the grant's id: the 22 characters behind gla_, glr_ or glc_"),
)

/** How a grant stands: of one that nothing ended by name, by its client, its subject, and what it came of. */
const statusOf = Effect.fnUntraced(function* (log: ServerStore, grant: Listed, now: EpochMillis) {
  if (grant._tag !== "Open") return grant._tag.toLowerCase()
  if (!isLive(now, grant.expiresAt)) return "expired"
  const { grantId: id, clientId, subjectId } = grant
  const about = { grantId: id, clientId, ...(subjectId === null ? {} : { subjectId }) }
  const { state } = yield* log.rows.slice(about)
  if (!isGrantAlive(state, now)) return "ended"
  return isUnsuspended(state) ? "open" : "suspended"
})

/** What a list says of a grant: of one that ended, what it was for is in the log alone. */
const summary = Effect.fnUntraced(function* (log: ServerStore, grant: Listed, nameOf: NameOf, now: EpochMillis) {
  const { grantId: id, clientId, subjectId } = grant
  const [first] = grant._tag === "Open" ? [] : yield* log.readStream(`grant-${id}`, 0, 1)
  const opened = grant._tag === "Open" ? grant : first?.event._tag === "GrantOpened" ? first.event : undefined
  return {
    grant_id: id,
    status: yield* statusOf(log, grant, now),
    client_id: clientId,
    client_name: nameOf(clientId) ?? null,
    subject: subjectId,
    scope: opened?.scopes.join(" ") ?? "",
    resource: opened?.resources ?? [],
    opened: opened === undefined ? "" : time(opened.openedAt),
    ends: time(endOf(grant)),
  }
})

type Listed = Exclude<Grant, { _tag: "Absent" }>

/** When it ends by itself at the latest, or ended. */
const endOf = (grant: Listed): number => {
  switch (grant._tag) {
    case "Open":
      return grant.expiresAt
    case "Revoked":
      return grant.revokedAt
    case "Denied":
      return grant.deniedAt
  }
}

const list = makeCommand(
  "list",
  {
    client: Flag.String("client").pipe(Flag.withDescription("only those of this client"), Flag.optional),
    user: Flag.String("user").pipe(
      Flag.withDescription("only those of this account, by its name or its subject's id"),
      Flag.optional,
    ),
    ...pageFlags("the oldest first, instead of the newest"),
    ...located,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    const { server, log, beside } = yield* openForOperator(flags)
    const subject = yield* Effect.transposeOption(Option.map(flags.user, (text) => subjectNamed({ log, beside }, text)))
    const where = {
      ...Option.match(flags.client, { onNone: () => ({}), onSome: (clientId) => ({ clientId }) }),
      ...Option.match(subject, { onNone: () => ({}), onSome: (subjectId) => ({ subjectId }) }),
    }
    const read = (reading: Reading) =>
      Effect.map(server.grants(where, reading), (grants) => grants.filter((grant) => grant._tag !== "Absent"))
    const page = yield* pageOf(flags, (grant: Listed) => grant.grantId, read)
    const nameOf = yield* clientNames(
      log,
      page.rows.map(({ clientId }) => clientId),
    )
    const rows = yield* Effect.forEach(page.rows, (grant) => summary(log, grant, nameOf, server.now()))
    yield* printPage({ ...page, rows }, { name: "grants", none: "no grants", isJson: flags.json })
  }, Effect.scoped),
).pipe(Command.withDescription("List grants, the newest first"))

const position = (name: "before" | "after", age: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(`only events that are ${age} than the one at this position of the log: the page next to it`),
    Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(name === "after" ? -1 : 0))),
    Flag.optional,
  )

const show = makeCommand(
  "show",
  {
    grantId,
    before: position("before", "older"),
    after: position("after", "newer"),
    limit: limit(1000, 200),
    archive: archives,
    ...located,
    issuer,
    json,
  },
  Effect.fn(function* (flags) {
    const { log: own } = yield* openForOperator(flags)
    const log = withArchives(own, yield* openArchives(own, flags.archive))
    const stream = `grant-${flags.grantId}`
    const archived = yield* log.archivedStream(stream)
    if (archived !== undefined) {
      const { sentence } = archivedAdvice({ ...archived, grantId: flags.grantId, entryCount: archived.version })
      return yield* new CommandFault({ message: sentence })
    }
    const count = yield* log.streamVersion(stream)
    if (count === 0) return yield* new CommandFault({ message: `there is no grant \`${flags.grantId}\`` })
    const countAt = (at: Option.Option<number>, usual: number) =>
      Option.isSome(at) ? versionAt(log, stream, at.value) : Effect.succeed(usual)
    const first = yield* countAt(
      Option.map(flags.after, (at) => at + 1),
      0,
    )
    const last = yield* countAt(flags.before, count)
    // Next to the position that was given; the newest where both were, or none.
    const isUpwards = Option.isSome(flags.after) && Option.isNone(flags.before)
    const start = isUpwards ? first : Math.max(first, last - flags.limit)
    const end = isUpwards ? Math.min(last, first + flags.limit) : Math.max(start, last)
    const entries = yield* log.readStream(stream, start, end - start)
    const [olderCount, newerCount] = [start, count - end]
    const before = olderCount === 0 ? null : (entries[0]?.position ?? null)
    const after = newerCount === 0 ? null : (entries.at(-1)?.position ?? null)
    const nameOf = yield* clientNames(log, entries.flatMap(clientsIn))
    if (flags.json) return yield* printJson({ entries, olderCount, newerCount, before, after })
    yield* printLine(eventTree(stream, entries, nameOf))
    if (before !== null) tell(`${olderCount} older events are left out: --before ${before}`)
    if (after !== null) tell(`${newerCount} newer events are left out: --after ${after}`)
  }, Effect.scoped),
).pipe(Command.withDescription("Show a grant's newest events, as a tree from the log"))

const revoke = makeCommand(
  "revoke",
  { grantId, ...located, issuer, json },
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

export const grant = Command.make("grant").pipe(Command.withSubcommands([list, show, revoke]))

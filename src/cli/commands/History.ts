/** `grantlog history`: what happened, about something, a page at a time, or as it happens. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { followHistory, historyPage, positionSince, eventLinesOf, type EventLine } from "../../audit/index.ts"
import { eventTypes } from "../../core/index.ts"
import type { Recorded } from "../../log/index.ts"
import { archives, openArchives, requireAtHand } from "../audit/Archives.ts"
import { openAudit } from "../audit/OpenAudit.ts"
import { eventLineText } from "../audit/ExplainText.ts"
import { actorNamed, subjectNamed } from "../audit/Subjects.ts"
import { local, parseTime, showTime } from "../audit/Times.ts"
import { makeCommand } from "../Defaults.ts"
import { UsageFault } from "../Failure.ts"
import { json, located, optional } from "../Flags.ts"
import { tellMore } from "../Listing.ts"
import { openExisting } from "../OpenStore.ts"
import { printJson, printLine } from "../Print.ts"
import { jsonText, tell } from "../Terminal.ts"

const only = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(`only ${description}`), Flag.optional)

const position = (name: "before" | "after", age: string) =>
  Flag.Int(name).pipe(
    Flag.withDescription(`only what is ${age} than the entry at this position: the page next to it`),
    Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(name === "after" ? -1 : 0))),
    Flag.optional,
  )

/** What a program gets of an entry: what people get, and the event itself. */
const dataOf = (told: EventLine, { stream, event }: Recorded) => ({ ...told, stream, event })

export const history = makeCommand(
  "history",
  {
    grant: only("grant", "of this grant"),
    client: only("client", "of this client and its grants"),
    subject: only("subject", "of this subject and its grants, by its id or the name of its account"),
    actor: only("actor", "by this client, subject, account, or `operator`"),
    type: Flag.Literals("type", eventTypes).pipe(Flag.withDescription("only events of this type"), Flag.optional),
    since: only("since", "from this time on: 2026-11-21T08:00:00Z, or 90m, 24h, 7d ago"),
    until: only("until", "before this time"),
    correlation: only("correlation", "of this request"),
    resource: only("resource", "that name this resource"),
    follow: Flag.Boolean("follow").pipe(
      Flag.withDescription("go on as it happens, also in other processes"),
      Flag.withDefault(false),
    ),
    reverse: Flag.Boolean("reverse").pipe(
      Flag.withDescription("the oldest first, instead of the newest"),
      Flag.withDefault(false),
    ),
    before: position("before", "older"),
    after: position("after", "newer"),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("how many at most; with --follow, how many of the newest it begins with"),
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
      Flag.withDefault(100),
    ),
    archive: archives,
    ...located,
    json,
    local,
  },
  Effect.fn(function* (flags) {
    const { follow, until, limit, reverse: isOldestFirst } = flags
    if (follow && (Option.isSome(until) || Option.isSome(flags.before))) {
      return yield* new UsageFault({ message: "--follow goes on with what comes: leave --until and --before out" })
    }
    const now = yield* Clock.currentTimeMillis
    const times = {
      since: Option.isSome(flags.since) ? yield* parseTime(flags.since.value, now) : undefined,
      until: Option.isSome(until) ? yield* parseTime(until.value, now) : undefined,
    }
    const { log: own, location, beside } = yield* openExisting(flags)
    const audit = yield* openAudit(own, location.file, yield* openArchives(own, flags.archive))
    const { log } = audit
    const { size } = yield* log.head
    const from = times.since === undefined ? 0 : yield* positionSince(log, times.since)
    const to = times.until === undefined ? size : yield* positionSince(log, times.until)
    const subject = yield* Effect.transposeOption(
      Option.map(flags.subject, (text) => subjectNamed({ log, beside }, text)),
    )
    const actor = yield* Effect.transposeOption(Option.map(flags.actor, (text) => actorNamed({ log, beside }, text)))
    const query = {
      ...optional("grantId", flags.grant),
      ...optional("clientId", flags.client),
      ...optional("subjectId", subject),
      ...optional("actor", actor),
      ...optional("type", flags.type),
      ...optional("correlationId", flags.correlation),
      ...optional("resource", flags.resource),
    }
    const cursors = { ...optional("before", flags.before), ...optional("after", flags.after) }
    const show = showTime(flags.local)
    const printEntry = (told: EventLine, entry: Recorded) =>
      printLine(flags.json ? jsonText(dataOf(told, entry)) : eventLineText(told, show))

    if (follow) {
      const isFromSomewhere = Option.isSome(flags.after) || Option.isSome(flags.since)
      const begun = isFromSomewhere
        ? []
        : yield* audit.index.positions({ ...query, from, to, limit, isNewestFirst: true })
      const start = begun.at(-1) ?? Math.max(from, Option.getOrElse(flags.after, () => -1) + 1)
      tell("following: what happens is printed as it does; Ctrl-C ends it")
      return yield* Stream.runForEach(followHistory(audit, { ...query, from: start }), (entry) =>
        Effect.flatMap(eventLinesOf(log, [entry]), (tellOne) => printEntry(tellOne(entry), entry)),
      )
    }

    const page = yield* historyPage(audit, { ...query, ...cursors, from, to, limit, isOldestFirst })
    const { before = null, after = null, archivedCount } = page
    // An index that was made after archiving knows nothing of what is in an archive.
    const isEmpty = page.entries.length + archivedCount === 0
    if (isEmpty && Option.isSome(flags.grant)) yield* requireAtHand(log, flags.grant.value)
    const tellOne = yield* eventLinesOf(log, page.entries)
    if (flags.json) {
      const entries = page.entries.map((entry) => dataOf(tellOne(entry), entry))
      return yield* printJson({ entries, archivedCount, before, after })
    }
    if (isEmpty) yield* printLine("nothing happened")
    for (const entry of page.entries) yield* printEntry(tellOne(entry), entry)
    if (archivedCount > 0) tell(`${archivedCount} more of these are in archives: name their files with --archive`)
    tellMore({ before, after })
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog history --type RefreshTokenReused --since 24h", description: "Thefts of the last day" },
    {
      command: "grantlog history --grant 0pZkbk… --reverse",
      description: "What happened to a grant, from its beginning",
    },
    { command: "grantlog history --client app --follow --json", description: "A client's events, a line each" },
  ]),
)

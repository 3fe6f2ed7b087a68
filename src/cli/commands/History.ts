/** `grantlog history`: what happened, about something, a page at a time, or as it happens. */
import { Clock, Effect, Option, Schema, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { followHistory, historyPage, positionSince, toldOf } from "../../audit/index.ts"
import { eventTypes } from "../../core/index.ts"
import type { Recorded } from "../../log/index.ts"
import { openAudit } from "../audit/Asking.ts"
import { toldLine } from "../audit/ExplainText.ts"
import { local, parseTime, showTime } from "../audit/Times.ts"
import { UsageFault } from "../Failure.ts"
import { json, store } from "../Flags.ts"
import { openExistingFile } from "../OpenStore.ts"
import { printJson, printLine } from "../Print.ts"
import { jsonText, tell } from "../Terminal.ts"

const only = (name: string, description: string) =>
  Flag.String(name).pipe(Flag.withDescription(`only ${description}`), Flag.optional)

const position = Flag.Int("after").pipe(
  Flag.withDescription("start behind this position; the last of the page before"),
  Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(-1))),
  Flag.withDefault(-1),
)

const optional = <Name extends string, A>(name: Name, value: Option.Option<A>) =>
  Option.match(value, { onNone: () => ({}), onSome: (some) => ({ [name]: some }) as Partial<Record<Name, A>> })

/** What a program gets of an entry: what people get, and the event itself. */
const dataOf = (entry: Recorded) => ({ ...toldOf(entry), stream: entry.stream, event: entry.event })

export const history = Command.make(
  "history",
  {
    grant: only("grant", "of this grant"),
    client: only("client", "of this client and its grants"),
    subject: only("subject", "of this subject and its grants"),
    actor: only("actor", "by this client, subject, or `operator`"),
    type: Flag.Literals("type", eventTypes).pipe(Flag.withDescription("only events of this type"), Flag.optional),
    since: only("since", "from this time on: 2026-11-21T08:00:00Z, or 90m, 24h, 7d ago"),
    until: only("until", "before this time"),
    correlation: only("correlation", "of this request"),
    resource: only("resource", "that name this resource"),
    follow: Flag.Boolean("follow").pipe(
      Flag.withDescription("go on as it happens, also in other processes"),
      Flag.withDefault(false),
    ),
    after: position,
    newestFirst: Flag.Boolean("newest-first").pipe(
      Flag.withDescription("from the newest back, instead of from the oldest on"),
      Flag.withDefault(false),
    ),
    before: Flag.Int("before").pipe(
      Flag.withDescription("only events before this position; with --newest-first the last of the page before"),
      Flag.withSchema(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
      Flag.optional,
    ),
    limit: Flag.Int("limit").pipe(
      Flag.withDescription("how many at most"),
      Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))),
      Flag.withDefault(100),
    ),
    store,
    json,
    local,
  },
  Effect.fn(function* (flags) {
    const { follow, until, newestFirst } = flags
    if (follow && (newestFirst || Option.isSome(flags.before))) {
      return yield* new UsageFault({
        message: "--follow goes on with what comes: leave --newest-first and --before out",
      })
    }
    if (follow && Option.isSome(until)) {
      return yield* new UsageFault({ message: "--follow has no end: leave --until out" })
    }
    const now = yield* Clock.currentTimeMillis
    const times = {
      since: Option.isSome(flags.since) ? yield* parseTime(flags.since.value, now) : undefined,
      until: Option.isSome(until) ? yield* parseTime(until.value, now) : undefined,
    }
    const { log, file } = yield* openExistingFile(flags.store)
    const audit = yield* openAudit(log, file)
    const { size } = yield* log.head
    const start = times.since === undefined ? 0 : yield* positionSince(log, times.since)
    const query = {
      ...optional("grantId", flags.grant),
      ...optional("clientId", flags.client),
      ...optional("subjectId", flags.subject),
      ...optional("actor", flags.actor),
      ...optional("type", flags.type),
      ...optional("correlationId", flags.correlation),
      ...optional("resource", flags.resource),
      from: Math.max(flags.after + 1, start),
    }
    const show = showTime(flags.local)
    const printEntry = (entry: Recorded) =>
      printLine(flags.json ? jsonText(dataOf(entry)) : toldLine(toldOf(entry), show))
    if (follow) return yield* Stream.runForEach(followHistory(audit, query), printEntry)

    const end = times.until === undefined ? size : yield* positionSince(log, times.until)
    const to = Math.min(
      end,
      Option.getOrElse(flags.before, () => end),
    )
    const page = yield* historyPage(audit, { ...query, to, limit: flags.limit, isNewestFirst: newestFirst })
    const next = newestFirst ? "before" : "after"
    if (flags.json) return yield* printJson({ entries: page.entries.map(dataOf), [next]: page.after ?? null })
    if (page.entries.length === 0) yield* printLine("nothing happened")
    for (const entry of page.entries) yield* printEntry(entry)
    if (page.after !== undefined) tell(`there is more: --${next} ${page.after}`)
  }, Effect.scoped),
).pipe(
  Command.withDescription("List what happened, about something, or follow it"),
  Command.withExamples([
    { command: "grantlog history --type RefreshTokenReused --since 24h", description: "Thefts of the last day" },
    { command: "grantlog history --grant 0pZkbk… --newest-first", description: "What happened to a grant last" },
    { command: "grantlog history --client app --follow --json", description: "A client's events, a line each" },
  ]),
)

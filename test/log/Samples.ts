/**
 * What the suite of the log appends: events of subjects and of the issuer, which fold whatever their order, and a
 * projection of one line a stream.
 *
 * Nothing here knows `src/projection`: the log is tested with rows of its own.
 */
import { Effect } from "effect"
import { Digest, EpochMillis, Generation, GrantId, SubjectId, streamOf, type Event } from "../../src/core/index.ts"
import {
  isWithin,
  type Append,
  type AppendOutcome,
  type InlineProjection,
  type ProposedEvent,
  type RowChange,
  type RowReader,
  type Store,
  type Table,
} from "../../src/log/index.ts"
import type { rowsByHand } from "./RowsByHand.ts"

const START = 1_767_225_600_000

/** So many milliseconds after the start. */
export const at = (millis: number): EpochMillis => EpochMillis.make(START + millis)

export const signedOut = (name: string, millis = 0): Event => ({
  _tag: "SubjectSessionsRevoked",
  subjectId: SubjectId.make(`sub_${name}`),
  revokedAt: at(millis),
})

/** Ends the stream's row: it may be pruned from then on. */
export const disabled = (name: string, millis = 0): Event => ({
  _tag: "SubjectDisabled",
  subjectId: SubjectId.make(`sub_${name}`),
  disabledAt: at(millis),
})

export const epochRaised = (reason: string): Event => ({ _tag: "IssuerEpochRaised", reason, raisedAt: at(0) })

/** What no store can make of its rows. */
export const poison: Partial<Append> = {
  rows: [{ _tag: "Put", table: undefined as unknown as Table, row: {} }],
}

export const digest = (name: string): Digest => Digest.make(name.padEnd(43, "_"))

export const codeIssued = (name: string): Event => ({
  _tag: "AuthorizationCodeIssued",
  grantId: GrantId.make("grant".padEnd(22, "0")),
  digest: digest(name),
  issuedAt: at(0),
  expiresAt: at(60_000),
})

/** A refresh token from before such tokens named a version, unless one is given. */
export const refreshIssued = (name: string, afterVersion: number | null = null): Event => ({
  _tag: "RefreshTokenIssued",
  grantId: GrantId.make("grant".padEnd(22, "0")),
  digest: digest(name),
  generation: Generation.make(1),
  parent: digest("code"),
  afterVersion,
  jkt: null,
  issuedAt: at(0),
  expiresAt: at(60_000),
})

let idCount = 0

export const proposed = (event: Event, over: Partial<ProposedEvent> = {}): ProposedEvent => ({
  id: `event-${process.pid}-${++idCount}`,
  event,
  correlationId: "request-1",
  causationId: null,
  actor: null,
  sealed: null,
  ...over,
})

/** An append of events to the stream they belong to. */
export const appending = (
  expectedVersion: number,
  events: ReadonlyArray<Event>,
  over: Partial<Append> = {},
): Append => {
  const stream = over.stream ?? (events[0] === undefined ? "issuer" : streamOf(events[0]))
  return {
    stream,
    expectedVersion,
    events: events.map((event) => proposed(event)),
    checks: [],
    claims: [],
    rows: tallyChanges(stream, expectedVersion, over.events?.map(({ event }) => event) ?? events),
    projection: tally.description,
    at: at(0),
    ...over,
  }
}

export const append = (log: TestStore, ...appends: ReadonlyArray<Append>): Promise<ReadonlyArray<AppendOutcome>> =>
  Effect.runPromise(Effect.forEach(appends, log.append, { concurrency: "unbounded" }))

export const appendOne = async (log: TestStore, one: Append): Promise<AppendOutcome> => (await append(log, one))[0]!

/** So many events of one stream each, `name-0` and on, a millisecond apart, in as few commits as may be. */
export const fill = (log: TestStore, name: string, count: number, make = signedOut) =>
  append(
    log,
    ...Array.from({ length: count }, (_, index) => appending(0, [make(`${name}-${index}`, index)], { at: at(index) })),
  )

const ALIVE = Number.MAX_SAFE_INTEGER

/** How many entries a stream has, and when its subject was disabled. */
export const tallyTable: Table = {
  name: "tally",
  columns: { stream: "TEXT", entry_count: "INTEGER", died_at: "INTEGER" },
  key: ["stream"],
  indexes: [["died_at", "stream"]],
}

/** What events make of the row of their stream. */
const tallyChanges = (stream: string, version: number, events: ReadonlyArray<Event>): ReadonlyArray<RowChange> => {
  const end = events.map((event) => (event._tag === "SubjectDisabled" ? event.disabledAt : ALIVE)).at(-1)
  return end === undefined
    ? []
    : [{ _tag: "Put", table: tallyTable, row: { stream, entry_count: version + events.length, died_at: end } }]
}

export const tally = {
  tables: [tallyTable],
  description: "tally",
  queries: { tally: (rows: RowReader, stream: string) => rows.get(tallyTable, [stream]) },
  fold: (entries) =>
    tallyChanges(
      entries[0]!.stream,
      0,
      entries.map(({ event }) => event),
    ),
  prune: (rows, through, limit) => {
    const dead = rows
      .list(tallyTable, { orderBy: ["died_at", "stream"], limit })
      .map((row) => ({ diedAt: Number(row["died_at"]), id: String(row["stream"]) }))
      .filter((row) => isWithin(row, through))
    for (const { id } of dead) rows.delete(tallyTable, [id])
    return dead.at(-1)
  },
} satisfies InlineProjection

export type TestStore = Store<typeof tally.queries, typeof rowsByHand.queries, typeof rowsByHand.operations>

/** A story of commands, told as the audit reads it: the entries that they led to, and the state at a moment. No store. */
import { Effect } from "effect"
import type { StateAt } from "../../src/audit/asof/StateAt.ts"
import { raising, type Owner } from "../../src/audit/asof/StreamAt.ts"
import {
  decide,
  evolve,
  initial,
  lifecycleOf,
  streamOf,
  type Command,
  type EpochMillis,
  type Event,
  type Lifecycle,
} from "../../src/core/index.ts"
import type { Recorded } from "../../src/log/index.ts"
import type { ProjectedLog } from "../../src/projection/index.ts"

/** What happened in a story, as it would be recorded, and the state that it folds to. */
const tell = (commands: ReadonlyArray<Command>, moment: number, more: ReadonlyArray<Event> = []) => {
  const all: Array<Recorded> = []
  const versions = new Map<string, number>()
  let state = initial
  const take = (events: ReadonlyArray<Event>, recordedAt: number) => {
    for (const event of events) {
      const stream = streamOf(event)
      const version = (versions.get(stream) ?? 0) + 1
      versions.set(stream, version)
      all.push({ event, stream, version, position: all.length, recordedAt } as unknown as Recorded)
    }
    state = events.reduce(evolve, state)
  }
  for (const command of commands) take(decide(state, command).events, command.at)
  take(more, moment)
  return { all, state, versions }
}

/**
 * A story as a log that is read entry by entry, and what of it was read; its rows are up to date, or those of the
 * beginning.
 */
export const storyLog = (
  commands: ReadonlyArray<Command>,
  { isStale = false, more = [] as ReadonlyArray<Event> } = {},
) => {
  const { all, state, versions } = tell(commands, 0, more)
  const streams = Map.groupBy(all, ({ stream }) => stream)
  const of = (stream: string): ReadonlyArray<Recorded> => streams.get(stream) ?? []
  const read = { entryCount: 0, most: 0 }
  const counted = (entries: ReadonlyArray<Recorded>) => {
    read.entryCount += entries.length
    read.most = Math.max(read.most, entries.length)
    return entries
  }
  const versionOf = (stream: string) => (isStale ? 0 : (versions.get(stream) ?? 0))
  const log = {
    head: Effect.succeed({ size: all.length, recordedAt: all.at(-1)?.recordedAt ?? 0 }),
    streamVersion: (stream: string) => Effect.sync(() => versions.get(stream) ?? 0),
    readStream: (stream: string, behind = 0, limit = Infinity) =>
      Effect.sync(() => counted(of(stream).slice(behind, behind + limit))),
    readAll: (position: number, limit = Infinity) => Effect.sync(() => counted(all.slice(position, position + limit))),
    rows: {
      grant: (grantId: string) =>
        Effect.sync(() => ({
          version: versionOf(`grant-${grantId}`),
          state: isStale ? initial.grant : state.grant,
        })),
      client: () => Effect.sync(() => ({ version: versionOf("client"), state: state.client })),
      slice: ({ clientId, subjectId }: { readonly clientId?: string; readonly subjectId?: string }) =>
        Effect.sync(() => ({
          state: isStale ? initial : state,
          versions: {
            issuer: versionOf("issuer"),
            client: versionOf(`client-${clientId}`),
            subject: versionOf(`subject-${subjectId}`),
          },
        })),
    },
  } as unknown as ProjectedLog
  return { log, all, state, of, read }
}

/** What a story had come to at a moment. */
export const after = (
  commands: ReadonlyArray<Command>,
  moment: EpochMillis,
  /** What is recorded besides, at the end. */
  more: ReadonlyArray<Event> = [],
): StateAt => {
  const { all, state } = tell(commands, moment, more)
  const of = (lifecycle: Lifecycle) => all.filter(({ event }) => lifecycleOf(event) === lifecycle)
  const entries = { issuer: of("issuer"), client: of("client"), subject: of("subject"), grant: of("grant") }
  const begun = entries.grant[0]?.event
  const began = begun?._tag === "GrantOpened" ? begun : undefined
  const raised = (owner: Owner) =>
    entries[owner].filter(({ event }) => raising[owner].includes(event._tag))[began?.epochs[owner] ?? Infinity]
  return {
    moment: { size: all.length, at: moment },
    state,
    entries,
    counts: { issuer: 0, client: 0, subject: 0, grant: 0 },
    opened: began,
    raised: { issuer: raised("issuer"), client: raised("client"), subject: raised("subject") },
    ancestors: [],
  }
}

/** Where an event of this type stands; the last of them. */
export const positionOf = ({ entries }: StateAt, tag: Event["_tag"]): number =>
  Object.values(entries)
    .flat()
    .findLast(({ event }) => event._tag === tag)!.position

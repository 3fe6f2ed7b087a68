/** Entries as a log in memory that is read and no more, and that anything may be done to: what an index is made of. */
import { Effect, Result } from "effect"
import { streamOf, type Command, type Event } from "../../src/core/index.ts"
import {
  archiveStream,
  fromStored,
  isArchived,
  toStored,
  type EventLog,
  type Recorded,
  type StoredEntry,
} from "../../src/log/index.ts"
import { storyLog } from "./Story.ts"

/** What a story comes to. */
export const eventsOf = (...commands: ReadonlyArray<Command>): ReadonlyArray<Event> =>
  storyLog(commands).all.map(({ event }) => event)

/** Events as they would be recorded, a second after each other, by two actors in turn, each in a request of its own. */
export const recordedOf = (events: ReadonlyArray<Event>): ReadonlyArray<Recorded> => {
  const versions = new Map<string, number>()
  return events.map((event, position) => {
    const stream = streamOf(event)
    const version = (versions.get(stream) ?? 0) + 1
    versions.set(stream, version)
    return {
      actor: position % 2 === 0 ? "app" : null,
      causationId: null,
      correlationId: `request-${position}`,
      event,
      id: `entry-${position}`,
      position,
      recordedAt: 1000 * position,
      sealed: null,
      stream,
      version,
    }
  })
}

/** The place of an entry that was moved to the archive of this number. */
export const placeIn = (archive: number, { position, recordedAt, leaf }: StoredEntry): StoredEntry => {
  const stream = archiveStream(archive)
  return { position, stream, version: position, recordedAt, bytes: "", leaf }
}

/** `stored` may be changed; `read` says from where and how many were asked for. */
export const storedLog = (entries: ReadonlyArray<Recorded>) => {
  const stored: Array<StoredEntry> = entries.map(toStored)
  const read: Array<readonly [position: number, limit: number]> = []
  const log = {
    head: Effect.sync(() => ({ size: stored.length, recordedAt: stored.at(-1)?.recordedAt ?? 0 })),
    readStored: (position: number, limit = Infinity) =>
      Effect.sync(() => {
        read.push([position, limit])
        return stored.slice(position, position + limit)
      }),
    readAll: (position: number, limit = Infinity) =>
      Effect.sync(() => {
        const page = stored.slice(position, position + limit).filter((one) => !isArchived(one))
        return page.map((one) => Result.getOrThrow(fromStored(one)))
      }),
  } as unknown as EventLog
  return { log, stored, read }
}

/** A story as whoever audits it has it: its log, and an index of that, in memory. */
import { Effect } from "effect"
import { openAuditIndex, type Audit } from "../../src/audit/index.ts"
import type { Command, Event } from "../../src/core/index.ts"
import type { ProjectedLog } from "../../src/projection/index.ts"
import { storyLog } from "./Story.ts"
import { eventsOf, recordedOf, storedLog } from "./StoredLog.ts"

interface Setting {
  /** What is recorded besides, at the end. */
  readonly more?: ReadonlyArray<Event>
  /** How many entries the index has taken in. */
  readonly indexedCount?: number
  /** What the rows have of grants. */
  readonly grantRows?: ReadonlyArray<{ readonly state: object }>
  /** Members of the log that are to be others. */
  readonly over?: object
}

/** Rows are those of one client and one grant; nothing is archived. */
export const storyAudit = async (
  commands: ReadonlyArray<Command>,
  { more = [], indexedCount = Infinity, grantRows = [], over = {} }: Setting = {},
) => {
  const story = storyLog(commands, { more })
  const entries = recordedOf([...eventsOf(...commands), ...more])
  const { log: readable, stored } = storedLog(entries)
  const rest = stored.splice(indexedCount)
  const index = openAuditIndex(readable, undefined)
  await Effect.runPromise(index.catchUp())
  stored.push(...rest)
  const log = {
    ...story.log,
    ...readable,
    readStream: (stream: string, behind = 0, limit = Infinity) =>
      Effect.succeed(entries.filter((one) => one.stream === stream).slice(behind, behind + limit)),
    archivedStream: () => Effect.undefined,
    rows: { ...story.log.rows, grants: () => Effect.succeed(grantRows) },
    ...over,
  } as unknown as ProjectedLog
  return { audit: { log, index } satisfies Audit, size: entries.length, entries, state: story.state }
}

export type StoryAudit = Awaited<ReturnType<typeof storyAudit>>

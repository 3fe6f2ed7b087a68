/**
 * Taking entries out of a log that are in an archive: a connection of its own that one command opens.
 *
 * It is not a member of a store, so that nothing that serves can be made to do it. A stream goes as a whole, in one
 * transaction with the row that stays of it; what was stopped goes on. Nothing is taken out of which a row is left: such
 * a row may be of something alive.
 */
import type * as Effect from "effect/Effect"
import { archivedRow, archivedTable, archiveTable, readArchived } from "./Archived.ts"
import { idOfStream, type RetiredStream } from "./Retired.ts"
import { StoreFault } from "./EventLog.ts"
import { prunedThrough } from "./Rebuild.ts"
import type { StoredEntry } from "./Recorded.ts"
import { isWithin, type RowReader, type RowWriter } from "./Rows.ts"
import { issuedTable } from "./Tables.ts"

export interface Candidate {
  readonly stream: string
  readonly version: number
}

export interface Leaving extends RetiredStream {
  /** Digests of refresh tokens that the digest index finds in it (`Issued.ts`). */
  readonly indexedDigests: ReadonlyArray<string>
}

export interface Archivist {
  /** Streams whose names begin with `prefix`, behind `after`, and whose newest entry was recorded before then. */
  readonly candidates: (
    prefix: string,
    after: string,
    recordedBefore: number,
    limit: number,
  ) => Effect.Effect<ReadonlyArray<Candidate>, StoreFault>
  /** The entries of a stream as they are stored. */
  readonly entriesOf: (stream: string) => Effect.Effect<ReadonlyArray<StoredEntry>, StoreFault>
  /** Notes an archive, before anything that is in it is taken out; the number of one that is known already. */
  readonly begin: (statement: string, file: string) => Effect.Effect<number, StoreFault>
  /** Takes these streams out, all or none of them; gives how many were still there. */
  readonly remove: (number: number, streams: ReadonlyArray<Leaving>) => Effect.Effect<number, StoreFault>
  /** Notes that all of it was taken out. */
  readonly finish: (number: number) => Effect.Effect<void, StoreFault>
  readonly close: Effect.Effect<void>
}

/** Within a transaction of the caller. */
export const beginWithin = (rows: RowWriter, statement: string, file: string): number => {
  const known = rows.list(archiveTable, {})
  const found = known.find((row) => row["statement"] === statement)
  if (found !== undefined) return Number(found["number"])
  const number = 1 + Math.max(0, ...known.map((row) => Number(row["number"])))
  rows.put(archiveTable, { number, statement, file, is_whole: 0 })
  return number
}

/** Those that are still there, each held against what was archived; within a transaction of the caller. */
export const stillThere = (
  rows: RowReader,
  versionOf: (stream: string) => number,
  number: number,
  streams: ReadonlyArray<Leaving>,
): ReadonlyArray<Leaving> => {
  const bound = prunedThrough(rows)
  return streams.filter(({ stream, version, diedAt }) => {
    const archived = readArchived(rows, stream)
    if (archived?.archive === number) return false
    if (
      archived === undefined &&
      versionOf(stream) === version &&
      isWithin({ diedAt, id: idOfStream(stream) }, bound)
    ) {
      return true
    }
    const message = `the stream \`${stream}\` is not as it was archived, or not dead: nothing of it was taken out`
    throw new StoreFault({ reason: "other", message })
  })
}

/** What stays of a stream, and goes with it; within a transaction of the caller. */
export const noteArchived = (rows: RowWriter, archive: number, stream: Leaving): void => {
  rows.put(archivedTable, archivedRow({ ...stream, archive }))
  for (const digest of stream.indexedDigests) rows.delete(issuedTable, [digest])
}

/**
 * The lines of entries, with what the entries themselves do not say: the names of their clients, and whether the origin
 * of their request is sealed.
 *
 * An origin is sealed once for everything that was appended together, in the first entry. The others are looked up from
 * there, so it makes no difference which of them somebody reads. A log of an earlier version has it in every entry.
 */
import * as Effect from "effect/Effect"
import type { Recorded, StoreFault } from "../../log/index.ts"
import { clientNames, clientsIn } from "./ClientNames.ts"
import { eventLineOf, type EventLine } from "./EventLine.ts"
import type { ProjectedLog } from "../../projection/index.ts"

/** The entry that would hold the sealed origin of this one: itself, or the first entry that was appended with it. */
export const requestOriginEntryOf = Effect.fnUntraced(function* (
  log: Pick<ProjectedLog, "readStream">,
  entry: Recorded,
): Effect.fn.Return<Recorded, StoreFault> {
  const { stream, causationId, sealed } = entry
  if (sealed !== null || causationId === null) return entry
  for (let version = entry.version - 1; version > 0; version--) {
    const [before] = yield* log.readStream(stream, version - 1, 1)
    if (before?.id === causationId) return before
    // Entries that were appended together stand next to each other.
    if (before?.causationId !== causationId) return entry
  }
  return entry
})

/** The line of each of these entries, and of no others. */
export const eventLinesOf = Effect.fnUntraced(function* (
  log: Pick<ProjectedLog, "rows" | "readStream" | "streamVersion">,
  entries: ReadonlyArray<Recorded>,
): Effect.fn.Return<(entry: Recorded) => EventLine, StoreFault> {
  const nameOf = yield* clientNames(log, entries.flatMap(clientsIn))
  const bearers = new Map(entries.map((entry) => [entry.id, entry]))
  for (const entry of entries) {
    const { causationId } = entry
    if (causationId !== null && !bearers.has(causationId))
      bearers.set(causationId, yield* requestOriginEntryOf(log, entry))
  }
  const isRequestOriginSealed = ({ stream, causationId, sealed }: Recorded): boolean => {
    const bearer = bearers.get(causationId ?? "")
    return sealed !== null || (bearer?.stream === stream && bearer.sealed !== null)
  }
  return (entry) => ({ ...eventLineOf(entry, nameOf), isRequestOriginSealed: isRequestOriginSealed(entry) })
})

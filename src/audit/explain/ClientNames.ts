/**
 * The names of clients, shown beside their ids: what each calls itself in its last registration, also after it was
 * deleted.
 *
 * A name proves nothing: two clients may have the same one, and a client may take the name of another. Nothing is
 * looked up by name here, and a name is never shown without the id.
 */
import * as Effect from "effect/Effect"
import type { Recorded, StoreFault } from "../../log/index.ts"
import type { ProjectedLog } from "../../projection/index.ts"

/** `undefined` for what is not a client, and for a client without a name. */
export type NameOf = (clientId: string | null) => string | undefined

type Reading = Pick<ProjectedLog, "rows" | "readStream" | "streamVersion">

/** Entries of a deleted client that are read at a time, from the end. */
const PAGE = 16

/** The name that a client had when it was deleted. */
const lastName = Effect.fnUntraced(function* (
  log: Reading,
  clientId: string,
): Effect.fn.Return<string | undefined, StoreFault> {
  const stream = `client-${clientId}`
  for (let end = yield* log.streamVersion(stream); end > 0; end -= PAGE) {
    const start = Math.max(0, end - PAGE)
    const entries = yield* log.readStream(stream, start, end - start)
    const found = entries.findLast(({ event }) => "metadata" in event)?.event
    if (found !== undefined && "metadata" in found) return found.metadata.client_name
  }
  return undefined
})

/** The names of those of the ids that are clients. */
export const clientNames = Effect.fnUntraced(function* (
  log: Reading,
  ids: Iterable<string | null>,
): Effect.fn.Return<NameOf, StoreFault> {
  const names = new Map<string | null, string | undefined>()
  for (const id of new Set(ids)) {
    if (id === null || id === "operator" || id.startsWith("sub_")) continue
    const { state } = yield* log.rows.client(id)
    if (state._tag === "Registered") names.set(id, state.metadata.client_name)
    else if (state._tag === "Deleted") names.set(id, yield* lastName(log, id))
  }
  return (id) => names.get(id)
})

/** The clients that an entry names: the one it is about, and the one that did it. */
export const clientsIn = ({ event, actor }: Recorded): ReadonlyArray<string | null> => [
  actor,
  "clientId" in event ? event.clientId : null,
]

const MAX_CHARACTERS = 64

/** An id with the name beside it. The name is quoted, because it may look like something else. */
export const called = (id: string, name: string | null | undefined): string => {
  if (name === undefined || name === null || name === id) return id
  return `${id} (${JSON.stringify(name.length > MAX_CHARACTERS ? `${name.slice(0, MAX_CHARACTERS - 1)}…` : name)})`
}

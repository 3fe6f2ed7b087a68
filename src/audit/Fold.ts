/**
 * The state as of a moment: the fold of what the four streams that a grant stands on said by then.
 *
 * Read from the log alone, never from rows, so that it can be held against them. It costs what those streams are long.
 */
import { Effect } from "effect"
import { evolve, initial, type Event, type State } from "../core/index.ts"
import type { EventLog, Recorded, StoreFault } from "../log/index.ts"
import type { Moment } from "./Moment.ts"

/** Which grant, client and subject it is about; client and subject of a grant that is known are found by themselves. */
export interface About {
  readonly grantId?: string
  readonly clientId?: string
  readonly subjectId?: string
}

export interface Slice {
  readonly moment: Moment
  readonly state: State
  /** Entries by then, oldest first; none for what is not concerned. */
  readonly entries: Readonly<Record<keyof State, ReadonlyArray<Recorded>>>
  /** How the grant began, if it was opened by then. */
  readonly opened: EventOf<"GrantOpened"> | undefined
}

export type EventOf<Tag extends Event["_tag"]> = Extract<Event, { readonly _tag: Tag }>

export type SliceOf = (about: About) => Effect.Effect<Slice, StoreFault>

/** Streams of clients and subjects that are kept in memory while many grants are folded. */
const MAX_KEPT_STREAMS = 1000

export const slicesAt = (log: EventLog, moment: Moment): SliceOf => {
  const kept = new Map<string, ReadonlyArray<Recorded>>()
  const read = (stream: string) =>
    Effect.map(log.readStream(stream), (entries) => entries.filter(({ position }) => position < moment.size))
  const readShared = Effect.fnUntraced(function* (stream: string | undefined) {
    if (stream === undefined) return []
    const known = kept.get(stream)
    if (known !== undefined) return known
    const entries = yield* read(stream)
    if (kept.size >= MAX_KEPT_STREAMS) kept.clear()
    kept.set(stream, entries)
    return entries
  })
  return Effect.fnUntraced(function* (about: About) {
    const grant = about.grantId === undefined ? [] : yield* read(`grant-${about.grantId}`)
    const first = grant[0]?.event
    const owner = first?._tag === "GrantOpened" || first?._tag === "GrantDenied" ? first : undefined
    const clientId = owner?.clientId ?? about.clientId
    const subjectId = owner === undefined ? about.subjectId : owner.subjectId
    const client = yield* readShared(clientId === undefined ? undefined : `client-${clientId}`)
    const subject = yield* readShared(
      subjectId === undefined || subjectId === null ? undefined : `subject-${subjectId}`,
    )
    const issuer = yield* readShared("issuer")
    const entries = { issuer, client, subject, grant }
    const state = Object.values(entries)
      .flat()
      .reduce((before, { event }) => evolve(before, event), initial)
    return { moment, state, entries, opened: owner?._tag === "GrantOpened" ? owner : undefined }
  })
}

/**
 * The state as of a moment: what the four streams that a grant depends on fold to by then, and those of what it came of.
 *
 * It is read from the log, so that it can be held against the rows. Of a long stream no more is read than shows how the
 * thing stands (`GrantAt.ts`, `StreamAt.ts`).
 */
import * as Effect from "effect/Effect"
import {
  ancestorsOf,
  type Ancestor,
  type AncestorState,
  type Event,
  type Lifecycle,
  type State,
} from "../../core/index.ts"
import type { Recorded, StoreFault } from "../../log/index.ts"
import { grantAt, type TokenIndex } from "./GrantAt.ts"
import type { Moment } from "./Moment.ts"
import { noStream, streamAt, type Owner, type StreamAt } from "./StreamAt.ts"
import type { ProjectedLog } from "../../projection/index.ts"

/**
 * Which grant, client and subject the question is about. The client and subject of a known grant are found without
 * being named.
 */
export interface About {
  readonly grantId?: string
  readonly clientId?: string
  readonly subjectId?: string
  /** A code or token of the grant. The entries about it are read even if the grant is long. */
  readonly digest?: string
  /** Whether only what is alive of the grant matters. Then no more of it is read than shows that. */
  readonly isBrief?: boolean
}

export interface StateAt {
  readonly moment: Moment
  readonly state: State
  /** Entries by then, oldest first: none of a stream that is not concerned, and a part of a long one. */
  readonly entries: Readonly<Record<Lifecycle, ReadonlyArray<Recorded>>>
  /** How many entries by then there were. */
  readonly counts: Readonly<Record<Lifecycle, number>>
  /** How the grant began, if it was opened by then. */
  readonly opened: EventOf<"GrantOpened"> | undefined
  /** The entries by which issuer, client and subject left the epoch that the grant was opened under. */
  readonly raised: Readonly<Record<Owner, Recorded | undefined>>
  /** Every token that the grant came of (RFC 8693), the nearest first. */
  readonly ancestors: ReadonlyArray<AncestorAt>
}

/** A token that something came of, and its grant as of the same moment. */
export interface AncestorAt {
  readonly named: Ancestor
  readonly stateAt: StateAt
}

export type EventOf<Tag extends Event["_tag"]> = Extract<Event, { readonly _tag: Tag }>

export type ReadStateAt = (about: About) => Effect.Effect<StateAt, StoreFault>

/** Entries of issuer, clients and subjects that are kept in memory while many grants are folded. */
const MAX_KEPT_ENTRIES = 20_000

export const statesAt = (log: ProjectedLog, moment: Moment, index?: TokenIndex): ReadStateAt => {
  const kept = new Map<string, StreamAt>()
  let keptCount = 0
  const readOwner = Effect.fnUntraced(function* (owner: Owner, id: string | null | undefined) {
    if (id === undefined || id === null) return noStream
    const name = `${owner}-${id}`
    const known = kept.get(name)
    if (known !== undefined) return known
    const read = yield* streamAt(log, owner, id, moment.size)
    if (keptCount + read.entries.length > MAX_KEPT_ENTRIES) {
      kept.clear()
      keptCount = 0
    }
    kept.set(name, read)
    keptCount += read.entries.length
    return read
  })
  const raisedFrom = (stream: StreamAt, epoch: number | null | undefined) =>
    epoch === null || epoch === undefined ? Effect.undefined : stream.raisedFrom(epoch)
  const ownAt = Effect.fnUntraced(function* ({
    grantId,
    digest,
    isBrief,
    ...about
  }: About): Effect.fn.Return<StateAt, StoreFault> {
    const own =
      grantId === undefined ? undefined : yield* grantAt(log, grantId, moment.size, { asked: digest, index, isBrief })
    const first = own?.entries[0]?.event
    const begun = first?._tag === "GrantOpened" || first?._tag === "GrantDenied" ? first : undefined
    const opened = begun?._tag === "GrantOpened" ? begun : undefined
    const client = yield* readOwner("client", begun?.clientId ?? about.clientId)
    const subject = yield* readOwner("subject", begun === undefined ? about.subjectId : begun.subjectId)
    const issuer = yield* readOwner("issuer", "")
    const grant = own?.grant ?? noStream.state.grant
    return {
      moment,
      state: {
        issuer: issuer.state.issuer,
        client: client.state.client,
        subject: subject.state.subject,
        grant,
        ancestors: [],
      },
      entries: {
        issuer: issuer.entries,
        client: client.entries,
        subject: subject.entries,
        grant: own?.entries ?? [],
      },
      counts: { issuer: issuer.count, client: client.count, subject: subject.count, grant: own?.count ?? 0 },
      opened,
      raised: {
        issuer: yield* raisedFrom(issuer, opened?.epochs.issuer),
        client: yield* raisedFrom(client, opened?.epochs.client),
        subject: yield* raisedFrom(subject, opened?.epochs.subject),
      },
      ancestors: [],
    }
  })
  return Effect.fnUntraced(function* (about: About) {
    const own = yield* ownAt(about)
    if (own.opened === undefined) return own
    const ancestors: Array<AncestorAt> = []
    for (const named of ancestorsOf(own.opened)) {
      ancestors.push({ named, stateAt: yield* ownAt({ ...about, ...named }) })
    }
    return ancestors.length === 0
      ? own
      : { ...own, state: { ...own.state, ancestors: ancestors.map(ancestorState) }, ancestors }
  })
}

const ancestorState = ({ named, stateAt: { state, entries } }: AncestorAt): AncestorState => {
  const { grant, client, subject } = state
  const issue = entries.grant.find(({ event }) => event._tag === "AccessTokenIssued" && event.digest === named.digest)
  const event = issue?.event._tag === "AccessTokenIssued" ? issue.event : undefined
  if (event === undefined) return { named, grant, client, subject, token: null }
  const { _tag, grantId, ...token } = event
  return { named, grant, client, subject, token }
}

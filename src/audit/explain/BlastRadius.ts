/**
 * Everything alive that descends from a grant, a client, a subject, a client's metadata document, or from whatever was
 * approved since a time.
 *
 * The cost follows what may be alive, not what ever was: the index leaves out what ended. Nothing is changed.
 */
import * as Effect from "effect/Effect"
import type { StoreFault } from "../../log/index.ts"
import type { Audit, GrantQuery, IndexedGrant } from "../index/AuditIndex.ts"
import { clientNames } from "./ClientNames.ts"
import { statesAt } from "../asof/StateAt.ts"
import { relativesOf, type Relative } from "./Lineage.ts"
import type { Moment } from "../asof/Moment.ts"
import type { Question } from "./Question.ts"
import { liveOrSuspendedOf } from "../asof/Standing.ts"

/** A grant of which something is alive, and what that is. */
export interface BlastGrant {
  /** The id of the grant. */
  readonly grantId: string
  /** The client that it was given to. */
  readonly clientId: string
  /** What the client calls itself; `null` where it does not. */
  readonly clientName: string | null
  /** Who gave it; `null` where a client acts for itself. */
  readonly subjectId: string | null
  /** Milliseconds since the epoch. */
  readonly openedAt: number
  /** Where it was opened in the log: an index. */
  readonly position: number
  /** Whether it cannot be used only because its client is disabled. */
  readonly isSuspended: boolean
  /** What of it is alive. */
  readonly alive: ReadonlyArray<Relative>
}

/** Everything alive that descends from something: counted in full, named up to a limit. */
export interface BlastRadius {
  /** The moment that all of it is about. */
  readonly asOf: Moment
  /** What everything descends from: `grant …`, `client …`, `subject …`, `metadata …`, or `everything` since a time. */
  readonly root: string
  /** The name of the client that everything descends from, if it is a client. */
  readonly rootName: string | null
  /** How many there are of each; those that are suspended are among the grants. */
  readonly counts: {
    readonly grants: number
    readonly suspendedGrants: number
    readonly clients: number
    readonly subjects: number
    readonly codes: number
    readonly refreshTokens: number
    readonly accessTokens: number
  }
  /** The grants that last longest, ordered by client. The counts cover all. */
  readonly grants: ReadonlyArray<BlastGrant>
}

type Root = { readonly label: string } & Partial<Pick<GrantQuery, "clientId" | "subjectId" | "metadataDigest">> & {
    readonly grantId?: string
  }

const PAGE = 256

/** The first of the meanings of a question that exists. */
const rootOf = Effect.fnUntraced(function* (
  { index, log }: Audit,
  { meanings }: Question,
): Effect.fn.Return<Root | undefined, StoreFault> {
  const { size } = yield* log.head
  for (const meaning of meanings) {
    switch (meaning._tag) {
      case "Token": {
        const [issued] = yield* index.issuesOf([meaning.digest])
        if (issued !== undefined && "grantId" in issued.event) {
          const { grantId } = issued.event
          return { label: `grant ${grantId}`, grantId }
        }
        break
      }
      case "Metadata": {
        const { digest } = meaning
        const some = yield* index.grants({ metadataDigest: digest, endsAtLeast: 0 }, { limit: 1 })
        if (some.length > 0) return { label: `metadata ${digest}`, metadataDigest: digest }
        break
      }
      case "Grant":
        if ((yield* index.grant(meaning.grantId)) !== undefined) {
          return { label: `grant ${meaning.grantId}`, grantId: meaning.grantId }
        }
        break
      default: {
        const { _tag, ...owner } = meaning
        const met = yield* index.positions({ ...owner, from: 0, to: size, limit: 1 })
        if (met.length > 0) return { label: `${_tag.toLowerCase()} ${Object.values(owner)[0]}`, ...owner }
      }
    }
  }
  return undefined
})

/**
 * Candidates, page by page, each once.
 *
 * INVARIANT: pages go upwards, because new entries may come into the index between two of them. A grant that is refreshed
 * meanwhile moves up, to where it is still met; on the way down it would be missed.
 */
const candidates = Effect.fnUntraced(function* (
  { index }: Audit,
  { grantId, label, ...owner }: Root,
  openedSince: number | undefined,
  moment: Moment,
  body: (grant: IndexedGrant) => Effect.Effect<void, StoreFault>,
) {
  const met = new Set<string>()
  /** A grant, and those that came of it by exchanges, whosever they are: it names each of them. */
  const visit = Effect.fnUntraced(function* (grant: IndexedGrant) {
    for (const one of [grant, ...(yield* index.exchangedFrom(grant.grantId)).map((exchanged) => exchanged.grant)]) {
      if (met.has(one.grantId) || one.openedAt < (openedSince ?? 0)) continue
      met.add(one.grantId)
      yield* Effect.andThen(body(one), Effect.yieldNow)
    }
  })
  if (grantId !== undefined) {
    const grant = yield* index.grant(grantId)
    if (grant !== undefined) yield* visit(grant)
    return
  }
  const query = { ...owner, ...(openedSince === undefined ? {} : { openedSince }), endsAtLeast: moment.at }
  for (let after: IndexedGrant | undefined; ;) {
    const page: ReadonlyArray<IndexedGrant> = yield* index.grants(query, { after, limit: PAGE, isUpwards: true })
    for (const grant of page) if (!met.has(grant.grantId)) yield* visit(grant)
    after = page.at(-1)
    if (page.length < PAGE) return
  }
})

/** What is asked about, and how many grants are named. */
export interface BlastOptions {
  /** `undefined` for everything that was opened since a time. */
  readonly question: Question | undefined
  /** Only what was opened then or later, milliseconds since the epoch. */
  readonly openedSince?: number | undefined
  /** How many grants are named. The counts cover all. */
  readonly limit: number
  /** Called with every grant of which something is alive, whether it is named or not. */
  readonly onGrant?: (grant: Omit<BlastGrant, "clientName">) => void
  /** Called with the number of grants that were looked at, alive or not. */
  readonly onProgress?: (lookedAtCount: number) => void
}

/** `undefined` if nothing of that name was ever here. */
export const blastRadius = Effect.fnUntraced(function* (
  audit: Audit,
  { question, openedSince, limit, onGrant = () => {}, onProgress = () => {} }: BlastOptions,
  moment: Moment,
): Effect.fn.Return<BlastRadius | undefined, StoreFault> {
  const root = question === undefined ? { label: "everything" } : yield* rootOf(audit, question)
  if (root === undefined) return undefined
  const readStateAt = statesAt(audit.log, moment, audit.index)
  const named: Array<Omit<BlastGrant, "clientName">> = []
  let lookedAtCount = 0
  const [clients, subjects] = [new Set<string>(), new Set<string>()]
  const counts = { grants: 0, suspendedGrants: 0, codes: 0, refreshTokens: 0, accessTokens: 0 }
  yield* candidates(audit, root, openedSince, moment, ({ grantId, clientId, subjectId, openedAt, position }) =>
    Effect.map(readStateAt({ grantId, isBrief: true }), (stateAt) => {
      onProgress(++lookedAtCount)
      if (liveOrSuspendedOf(stateAt).length === 0) return
      const alive = relativesOf(stateAt, undefined).descendants
      const isSuspended = alive.length === 0
      const grant = { grantId, clientId, subjectId, openedAt, position, isSuspended, alive }
      counts.grants++
      if (isSuspended) counts.suspendedGrants++
      for (const { kind } of alive) counts[countOf[kind]]++
      clients.add(clientId)
      if (subjectId !== null) subjects.add(subjectId)
      // Grants come in the order in which they end, so the last ones are kept. The list is cut only now and then,
      // because cutting takes time.
      named.push(grant)
      if (named.length > 2 * limit) named.splice(0, named.length - limit)
      onGrant(grant)
    }),
  )
  const shown = named.slice(Math.max(0, named.length - limit))
  const rootClient = "clientId" in root ? root.clientId : undefined
  const nameOf = yield* clientNames(audit.log, [rootClient ?? null, ...shown.map(({ clientId }) => clientId)])
  return {
    asOf: moment,
    root: root.label,
    rootName: nameOf(rootClient ?? null) ?? null,
    counts: { ...counts, clients: clients.size, subjects: subjects.size },
    grants: shown
      .map((grant) => ({ ...grant, clientName: nameOf(grant.clientId) ?? null }))
      .toSorted((left, right) => compare(left.clientId, right.clientId) || left.position - right.position),
  }
})

const countOf = { code: "codes", "refresh token": "refreshTokens", "access token": "accessTokens" } as const

const compare = (left: string, right: string): number => (left === right ? 0 : left < right ? -1 : 1)

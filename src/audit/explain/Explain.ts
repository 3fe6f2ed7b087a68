/**
 * What a token, code, grant, client or subject is, as of a moment: for somebody who holds a leaked token and has to
 * act.
 *
 * An explanation says whether it was issued here; whether it is alive or since when not, and why; where it came from;
 * what else is alive; who presented it; and what to do. The index finds the entries, the log has them. Nothing is
 * changed, and the token itself is never held, only its digest.
 */
import * as Effect from "effect/Effect"
import type { Event } from "../../core/index.ts"
import type { Recorded, StoreFault } from "../../log/index.ts"
import { askedDigest } from "../asof/AskedDigest.ts"
import { adviceFor, archivedAdvice, forgedAdvice, unknownAdvice } from "./Advice.ts"
import type { Audit, AuditIndex, IndexedGrant } from "../index/AuditIndex.ts"
import { clientNames } from "./ClientNames.ts"
import { archivedGrantOf } from "./ArchivedGrant.ts"
import type { AliveGrant, Explained, Explanation } from "./Explanation.ts"
import { statesAt, type StateAt, type ReadStateAt } from "../asof/StateAt.ts"
import { allRelativesOf, ancestryOfGrant, wholeAncestryOf } from "./Exchanged.ts"
import { presentationsOf } from "./Lineage.ts"
import type { Moment } from "../asof/Moment.ts"
import { checkJwt, isCredible, jwtSentence } from "../asof/PresentedJwt.ts"
import type { Meaning, Question } from "./Question.ts"
import { aliveOf, standingOfClient, standingOfGrant, standingOfSubject, standingOfToken } from "../asof/Standing.ts"
import { eventLinesOf } from "./EventLines.ts"

/** How many grants of a client or subject are looked at, and how many of its events are shown. */
const MAX_GRANTS = 100
/** How many pages of grants are searched for those that had been opened by the moment. */
const MAX_GRANT_PAGES = 100
const MAX_EVENTS = 50

type Found = Pick<Explained, "kind" | "id" | "standing" | "untold"> &
  Partial<Pick<Explained, "descendants" | "siblings" | "hasMoreGrants" | "jwt">> & {
    readonly grants?: ReadonlyArray<NamelessGrant>
    readonly stateAt: StateAt
    readonly owner: Pick<Explained, "grantId" | "clientId" | "subjectId">
    readonly ancestry: ReadonlyArray<Recorded>
    readonly presentations: ReadonlyArray<Recorded>
  }

const explained = Effect.fnUntraced(function* (
  { log }: Pick<Audit, "log">,
  { kind, id, standing, stateAt, owner, ancestry, presentations, grants = [], ...rest }: Found,
): Effect.fn.Return<Explained, StoreFault> {
  const { cause, others } = standing
  const led = new Set([...(cause?.positions ?? []), ...others.flatMap(({ positions }) => positions)])
  const all = [stateAt, ...stateAt.ancestors.map((one) => one.stateAt)].flatMap(({ entries }) => Object.values(entries))
  const chain = [...new Map(all.flat().map((entry) => [entry.position, entry])).values()]
    .filter(({ position }) => led.has(position))
    .toSorted((left, right) => left.position - right.position)
  const lineOf = yield* eventLinesOf(log, [...chain, ...ancestry, ...presentations])
  const nameOf = yield* clientNames(log, [owner.clientId, ...grants.map(({ clientId }) => clientId)])
  const known = {
    isOurs: true as const,
    kind,
    id,
    ...owner,
    clientName: nameOf(owner.clientId) ?? null,
    asOf: stateAt.moment,
    standing,
    chain: chain.map(lineOf),
    ancestry: ancestry.map(lineOf),
    presentations: presentations.map(lineOf),
    descendants: [],
    siblings: [],
    grants: grants.map((one) => ({ ...one, clientName: nameOf(one.clientId) ?? null })),
    hasMoreGrants: false,
    ...rest,
  }
  return { ...known, ...adviceFor(known) }
})

const kindOf = (event: Event): Explained["kind"] => {
  if (event._tag === "AuthorizationCodeIssued" || event._tag === "GrantDenied") return "code"
  return event._tag === "AccessTokenIssued" ? "access token" : "refresh token"
}

/**
 * `namedGrant` is the grant that the token itself names, for the index may not have reached the entry that issued it.
 */
const explainToken = Effect.fnUntraced(function* (
  { log, index }: Audit,
  readStateAt: ReadStateAt,
  digest: string,
  { namedGrant, jwt }: Pick<Question, "namedGrant" | "jwt">,
): Effect.fn.Return<Explanation | undefined, StoreFault> {
  const [indexed] = yield* index.issuesOf([digest])
  const grantId = indexed !== undefined && "grantId" in indexed.event ? indexed.event.grantId : namedGrant
  if (grantId === undefined) return undefined
  const stateAt = yield* readStateAt({ grantId, digest })
  const issue = stateAt.entries.grant.find(({ event }) => askedDigest(event) === digest)
  if (issue === undefined) return undefined
  const checked = jwt?.named.digest === digest ? checkJwt(stateAt, issue.event, jwt) : undefined
  if (checked !== undefined && !isCredible(checked)) {
    return {
      isOurs: false,
      asOf: stateAt.moment,
      archived: null,
      jwt: checked,
      ...forgedAdvice(digest, jwtSentence(checked)),
    }
  }
  const ancestry = wholeAncestryOf(stateAt, digest)
  return yield* explained(
    { log },
    {
      kind: kindOf(issue.event),
      id: digest,
      owner: ownerOf(stateAt, grantId),
      stateAt,
      standing: standingOfToken(stateAt, digest),
      ancestry: ancestry.entries,
      presentations: presentationsOf(stateAt, digest),
      untold: { generations: ancestry.untoldCount, presentations: 0 },
      ...(checked === undefined ? {} : { jwt: checked }),
      ...(yield* allRelativesOf(index, readStateAt, stateAt, grantId, digest)),
    },
  )
})

const ownerOf = ({ opened, state }: StateAt, grantId: string) => {
  const owner = opened ?? (state.grant._tag === "Denied" ? state.grant : undefined)
  return { grantId, clientId: owner?.clientId ?? null, subjectId: owner?.subjectId ?? null }
}

const explainGrant = Effect.fnUntraced(function* (audit: Audit, readStateAt: ReadStateAt, grantId: string) {
  const stateAt = yield* readStateAt({ grantId })
  const [first, ...later] = stateAt.entries.grant
  if (first === undefined) return undefined
  const presentations = later.slice(-MAX_EVENTS)
  return yield* explained(audit, {
    kind: "grant",
    id: grantId,
    owner: ownerOf(stateAt, grantId),
    stateAt,
    standing: standingOfGrant(stateAt),
    ancestry: ancestryOfGrant(stateAt, first).entries,
    presentations,
    untold: { generations: 0, presentations: stateAt.counts.grant - 1 - presentations.length },
    ...(yield* allRelativesOf(audit.index, readStateAt, stateAt, grantId, undefined)),
  })
})

type NamelessGrant = Omit<AliveGrant, "clientName">
type OwnedGrant = Omit<NamelessGrant, "aliveCount">
type Owner = { readonly clientId: string } | { readonly subjectId: string }

interface OwnedGrants {
  readonly grants: ReadonlyArray<OwnedGrant>
  /** Whether other grants may have something alive. */
  readonly hasMore: boolean
}

/**
 * The grants that the index knows and that had been opened by the moment. Those opened since may come first, for they
 * may last longer.
 */
const indexedGrants = Effect.fnUntraced(function* (
  { index }: Audit,
  owner: Owner,
  moment: Moment,
): Effect.fn.Return<OwnedGrants, StoreFault> {
  const grants: Array<IndexedGrant> = []
  let after: IndexedGrant | undefined
  for (let pageCount = 0; pageCount < MAX_GRANT_PAGES && grants.length < MAX_GRANTS; pageCount++) {
    const page = yield* index.grants({ ...owner, endsAtLeast: moment.at }, { after, limit: MAX_GRANTS })
    grants.push(...page.filter(({ position }) => position < moment.size))
    if (page.length < MAX_GRANTS) return { grants: grants.slice(0, MAX_GRANTS), hasMore: grants.length > MAX_GRANTS }
    after = page.at(-1)
    yield* Effect.yieldNow
  }
  return { grants: grants.slice(0, MAX_GRANTS), hasMore: true }
})

/** Grants of a client or subject that may have something alive. If the index is behind, those in the rows are added. */
const grantsOf = Effect.fnUntraced(function* (
  audit: Audit,
  owner: Owner,
  moment: Moment,
): Effect.fn.Return<OwnedGrants, StoreFault> {
  const indexed = yield* indexedGrants(audit, owner, moment)
  if ((yield* audit.index.size) >= moment.size) return indexed
  const rows = yield* audit.log.rows.grants(owner, { limit: MAX_GRANTS })
  const fresh = rows.flatMap(({ state }) => (state._tag === "Open" ? [state] : []))
  const grants = new Map<string, OwnedGrant>([...fresh, ...indexed.grants].map((one) => [one.grantId, one]))
  return { grants: [...grants.values()], hasMore: indexed.hasMore || rows.length >= MAX_GRANTS }
})

/** The grants of which something is alive. */
const aliveGrants = Effect.fnUntraced(function* (
  readStateAt: ReadStateAt,
  grants: ReadonlyArray<OwnedGrant>,
): Effect.fn.Return<ReadonlyArray<NamelessGrant>, StoreFault> {
  const alive: Array<NamelessGrant> = []
  for (const { grantId, clientId, subjectId, openedAt } of grants) {
    yield* Effect.yieldNow
    const aliveCount = aliveOf(yield* readStateAt({ grantId, isBrief: true })).length
    if (aliveCount > 0) alive.push({ grantId, clientId, subjectId, openedAt, aliveCount })
  }
  return alive
})

const explainOwner = Effect.fnUntraced(function* (
  audit: Audit,
  readStateAt: ReadStateAt,
  moment: Moment,
  owner: Owner,
) {
  const isClient = "clientId" in owner
  const stateAt = yield* readStateAt(owner)
  const { grants, hasMore } = yield* grantsOf(audit, owner, moment)
  const stream = isClient ? "client" : "subject"
  const own = stateAt.entries[stream]
  const presentations = own.slice(1).slice(-MAX_EVENTS)
  if (own.length + grants.length === 0 && !(yield* isMet(audit.index, moment, owner))) return undefined
  return yield* explained(audit, {
    kind: stream,
    id: isClient ? owner.clientId : owner.subjectId,
    owner: {
      grantId: null,
      clientId: isClient ? owner.clientId : null,
      subjectId: isClient ? null : owner.subjectId,
    },
    stateAt,
    standing: isClient ? standingOfClient(stateAt) : standingOfSubject(stateAt),
    ancestry: own.slice(0, 1),
    presentations,
    untold: { generations: 0, presentations: Math.max(0, stateAt.counts[stream] - 1) - presentations.length },
    grants: yield* aliveGrants(readStateAt, grants),
    hasMoreGrants: hasMore,
  })
})

/** Whether any entry by then names it. A subject without events of its own has no stream. */
const isMet = (index: AuditIndex, { size }: Moment, owner: object): Effect.Effect<boolean, StoreFault> =>
  Effect.map(index.positions({ ...owner, from: 0, to: size, limit: 1 }), (positions) => positions.length > 0)

/** Whether what is meant exists or ever existed. */
export const isKnown = ({ log, index }: Audit, meaning: Meaning): Effect.Effect<boolean, StoreFault> => {
  switch (meaning._tag) {
    case "Token":
      return Effect.map(index.issuesOf([meaning.digest]), (issues) => issues.length > 0)
    case "Metadata":
      return Effect.map(
        index.grants({ metadataDigest: meaning.digest, endsAtLeast: 0 }, { limit: 1 }),
        (grants) => grants.length > 0,
      )
    case "Grant":
      return Effect.map(log.streamVersion(`grant-${meaning.grantId}`), (count) => count > 0)
    case "Client":
      return Effect.map(log.streamVersion(`client-${meaning.clientId}`), (count) => count > 0)
    case "Subject":
      return Effect.flatMap(log.head, ({ size }) =>
        Effect.map(
          index.positions({ subjectId: meaning.subjectId, from: 0, to: size, limit: 1 }),
          (positions) => positions.length > 0,
        ),
      )
  }
}

/** Explains what a question means as of a moment. The index should have come at least that far. */
export const explain = Effect.fnUntraced(function* (
  audit: Audit,
  { meanings, namedGrant, jwt }: Question,
  moment: Moment,
  readStateAt: ReadStateAt = statesAt(audit.log, moment, audit.index),
): Effect.fn.Return<Explanation, StoreFault> {
  const meant = (meaning: Meaning) => {
    switch (meaning._tag) {
      case "Token":
        return explainToken(audit, readStateAt, meaning.digest, {
          namedGrant,
          ...(jwt === undefined ? {} : { jwt }),
        })
      case "Grant":
        return explainGrant(audit, readStateAt, meaning.grantId)
      case "Client":
      case "Subject":
        return explainOwner(audit, readStateAt, moment, meaning)
      case "Metadata":
        return Effect.succeed(undefined)
    }
  }
  for (const meaning of meanings) {
    const found = yield* meant(meaning)
    if (found !== undefined) return found
  }
  const archived = yield* archivedGrantOf(audit, meanings, namedGrant)
  if (archived !== undefined) return { isOurs: false, asOf: moment, archived, ...archivedAdvice(archived) }
  const named = namedGrant === undefined ? undefined : yield* explainGrant(audit, readStateAt, namedGrant)
  const isBehind = (yield* audit.index.size) < moment.size
  return { isOurs: false, asOf: moment, archived: null, ...unknownAdvice(named?.id, isBehind) }
})

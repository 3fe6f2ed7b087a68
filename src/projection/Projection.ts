/**
 * The inline projection: what an append makes of the rows, from the states that it was decided on and its events alone.
 *
 * A row belongs to one stream. What is done to a row of another stream's is to delete it, which can be done twice.
 */
import {
  evolve,
  initial,
  isClientEvent,
  isGrantEvent,
  isIssuerEvent,
  isSubjectEvent,
  lifecycleOf,
  type Event,
} from "../core/index.ts"
import { describedAs, type InlineProjection, type RowChange } from "../log/index.ts"
import { clientChanges, noteUse } from "./ClientRow.ts"
import { grantChanges, pruneGrants, type StoredGrant } from "./GrantRow.ts"
import { rowQueries, type RowQueries } from "./Queries.ts"
import type { Slice } from "./Slice.ts"
import { issuerChanges, subjectChanges } from "./SubjectRow.ts"
import {
  accessTable,
  audienceTable,
  clientTable,
  grantTable,
  issuerTable,
  keyTable,
  references,
  subjectTable,
  unusedTable,
} from "./Tables.ts"

/** What is served of the streams that an append is about. */
export type Served = Pick<Slice, "state" | "versions" | "grantDiesAt">

/** What events of one stream make of the rows. */
export const rowChanges = (
  { state, versions, grantDiesAt }: Served,
  events: ReadonlyArray<Event>,
): ReadonlyArray<RowChange> => {
  const after = events.reduce(evolve, state)
  const [first] = events
  if (first === undefined) return []
  switch (lifecycleOf(first)) {
    case "issuer": {
      const before = { state: state.issuer, version: versions.issuer }
      return [...namedKeys(events, null), ...issuerChanges(before, after.issuer, events.filter(isIssuerEvent))]
    }
    case "client": {
      const before = { state: state.client, version: versions.client }
      return clientChanges(idOf(first), before, after.client, events.filter(isClientEvent))
    }
    case "subject": {
      const before = { state: state.subject, version: versions.subject }
      return subjectChanges(idOf(first), before, after.subject, events.filter(isSubjectEvent))
    }
    case "grant": {
      const before: StoredGrant = { state: state.grant, version: versions.grant, diesAt: grantDiesAt }
      const lastKey = state.grant._tag === "Open" ? (state.grant.refresh?.previous?.keyId ?? null) : null
      return [
        ...namedKeys(events, lastKey),
        // A token that a client gets for itself is approved by nobody: it makes a registration no more used than before.
        ...(first._tag === "GrantOpened" && first.basis._tag !== "ClientCredentials" ? [noteUse(first.clientId)] : []),
        ...grantChanges(before, after.grant, events.filter(isGrantEvent)),
      ]
    }
  }
}

const idOf = (event: Event): string =>
  "clientId" in event ? event.clientId : "subjectId" in event ? event.subjectId! : ""

/** The keys that events name, but for one that an event of the same stream named before. */
const namedKeys = (events: ReadonlyArray<Event>, known: string | null): ReadonlyArray<RowChange> =>
  [...new Set(events.flatMap((event) => ("keyId" in event ? [event.keyId] : [])))]
    .filter((keyId) => keyId !== known)
    .map((key_id) => ({ _tag: "Put", table: keyTable, row: { key_id } }) as const)

/** What is served of streams that nothing was appended to. */
export const nothingServed: Served = {
  state: initial,
  versions: { issuer: 0, client: 0, subject: 0, grant: 0 },
  grantDiesAt: null,
}

const tables = [issuerTable, clientTable, unusedTable, audienceTable, subjectTable, grantTable, accessTable, keyTable]
/** Counted up with each change of what events make of the rows. */
const FOLD = 1

export const inlineProjection: InlineProjection<RowQueries> = {
  tables,
  references,
  description: describedAs(FOLD, tables),
  queries: rowQueries,
  // A client's rows are there before its grants say that it is used: by their names its stream comes before theirs.
  fold: (entries) =>
    rowChanges(
      nothingServed,
      entries.map(({ event }) => event),
    ),
  prune: pruneGrants,
}

/**
 * The inline projection: the changes that an append makes to the rows, computed only from the states that it was
 * decided on and from its events.
 *
 * A row belongs to one stream. The only thing done to a row of another stream is deleting it, which can be repeated.
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
import {
  describedAs,
  type InlineProjection,
  type Recorded,
  type Retired,
  type RowChange,
  type Table,
} from "../log/index.ts"
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

/** The states that are served of the streams that an append is about. */
export type Served = Pick<Slice, "state" | "versions" | "grantDiesAt">

/** The changes that the events of one stream make to the rows. */
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
        // Nobody approves a token that a client gets for itself, so it does not make a registration count as used.
        ...(first._tag === "GrantOpened" && first.basis._tag !== "ClientCredentials" ? [noteUse(first.clientId)] : []),
        ...grantChanges(before, after.grant, events.filter(isGrantEvent)),
      ]
    }
  }
}

const idOf = (event: Event): string =>
  "clientId" in event ? event.clientId : "subjectId" in event ? event.subjectId! : ""

/** The keys that events name, without those that an earlier event of the same stream named. */
const namedKeys = (events: ReadonlyArray<Event>, known: string | null): ReadonlyArray<RowChange> =>
  [...new Set(events.flatMap((event) => ("keyId" in event ? [event.keyId] : [])))]
    .filter((keyId) => keyId !== known)
    .map((key_id) => ({ _tag: "Put", table: keyTable, row: { key_id } }) as const)

/** The states of streams to which nothing was appended. */
export const nothingServed: Served = {
  state: initial,
  versions: { issuer: 0, client: 0, subject: 0, grant: 0 },
  grantDiesAt: null,
}

/**
 * What an ended grant leaves behind: when it died, and what it did to rows of others. Clients, subjects and the issuer are
 * never retired: an epoch or a taken id that is gone would bring the dead back.
 */
const retire = (entries: ReadonlyArray<Recorded>): Retired | undefined => {
  const changes = rowChanges(
    nothingServed,
    entries.map(({ event }) => event),
  )
  const putIn = (table: Table) =>
    changes.flatMap((change) => (change._tag === "Put" && change.table.name === table.name ? [change.row] : []))
  // INVARIANT: the stream of a grant puts a row there, and no other stream does.
  const [grant] = putIn(grantTable)
  if (grant === undefined) return undefined
  const used = changes.find(({ table }) => table.name === unusedTable.name)
  return {
    diedAt: Number(grant["dies_at"]),
    clientId: used?._tag === "Delete" ? String(used.key[0]) : null,
    keyIds: putIn(keyTable).map((row) => String(row["key_id"])),
  }
}

const tables = [issuerTable, clientTable, unusedTable, audienceTable, subjectTable, grantTable, accessTable, keyTable]
/** Raised with each change in how events change rows. */
const FOLD = 2

export const inlineProjection: InlineProjection<RowQueries> = {
  tables,
  references,
  description: describedAs(FOLD, tables),
  queries: rowQueries,
  // The rows of a client exist before its grants mark it as used, because the name of its stream sorts before theirs.
  fold: (entries) =>
    rowChanges(
      nothingServed,
      entries.map(({ event }) => event),
    ),
  prune: pruneGrants,
  retire,
  foldRetired: ({ clientId, keyIds }) => [
    ...keyIds.map((key_id): RowChange => ({ _tag: "Put", table: keyTable, row: { key_id } })),
    ...(clientId === null ? [] : [noteUse(clientId)]),
  ],
}

/** The row of a client: its folded state, and the columns that it is listed and joined by. */
import { resourceKey } from "../protocol/index.ts"
import { absentClient, type Client, type ClientEvent, type ClientId, type Resource } from "../core/index.ts"
import type { Row, RowChange, RowCheck, RowReader } from "../log/index.ts"
import { clientCodec } from "./Codec.ts"
import { differenceOf } from "./Difference.ts"
import type { Versioned } from "./GrantRow.ts"
import { audienceTable, clientTable, unusedTable } from "./Tables.ts"

const fromRow = (row: Row): Versioned<Client> => ({
  state: clientCodec.decode(row["state"]),
  version: Number(row["version"]),
})

export const readClient = (rows: RowReader, clientId: string): Versioned<Client> => {
  const row = rows.get(clientTable, [clientId])
  return row === undefined ? { state: absentClient, version: 0 } : fromRow(row)
}

/** The newest first, or the oldest first. After a client that is not known there is nothing. */
export const listClients = (
  rows: RowReader,
  {
    after,
    isReversed = false,
    limit,
  }: { readonly after?: string; readonly isReversed?: boolean; readonly limit: number },
): ReadonlyArray<Versioned<Client>> => {
  const behind = after === undefined ? undefined : rows.get(clientTable, [after])
  if (after !== undefined && behind === undefined) return []
  return rows
    .list(clientTable, {
      orderBy: ["registered_at", "client_id"],
      isDescending: !isReversed,
      ...(behind === undefined ? {} : { after: [behind["registered_at"]!, behind["client_id"]!] }),
      limit,
    })
    .map(fromRow)
}

/** How many clients registered themselves and were not deleted. */
export const countDynamicClients = (rows: RowReader): number => rows.count(clientTable, { origin: "dynamic" })

/** Whether a resource server was added for this resource. */
export const isAudience = (rows: RowReader, resource: Resource): boolean =>
  rows.list(audienceTable, { where: { audience_key: resourceKey(resource) } }).length > 0

/** What resource servers were added for, in the order of what it is compared by, behind that. */
export const listAudiences = (rows: RowReader, behind: string, limit: number): ReadonlyArray<Resource> =>
  rows.list(audienceTable, { orderBy: ["audience_key"], after: [behind], limit }).flatMap((row) => {
    const { state } = readClient(rows, String(row["client_id"]))
    // INVARIANT: a row exists only if its client has an audience, so a full page stays full.
    return state._tag === "Registered" && state.audience !== null ? [state.audience] : []
  })

/** A client that registered itself and for which nobody ever approved anything, and the row that says so. */
export interface UnusedClient {
  readonly clientId: ClientId
  /** It is valid as long as nobody approves anything for the client. */
  readonly rowCheck: RowCheck
}

/** Clients that registered themselves up to a moment and were never approved, the oldest first. */
export const listUnusedClients = (rows: RowReader, upTo: number, limit: number): ReadonlyArray<UnusedClient> =>
  rows
    .list(unusedTable, { orderBy: ["since", "client_id"], after: [-1, ""], limit })
    .filter((row) => Number(row["since"]) <= upTo)
    .flatMap((row) => {
      const { state } = readClient(rows, String(row["client_id"]))
      if (state._tag !== "Registered") return []
      return [{ clientId: state.clientId, rowCheck: { table: unusedTable, key: [state.clientId], has: row } }]
    })

/** A person or a policy approved a grant for the client, or it was deleted: it counts as used from now on. */
export const noteUse = (clientId: string): RowChange => ({ _tag: "Delete", table: unusedTable, key: [clientId] })

export const clientChanges = (
  clientId: string,
  before: Versioned<Client>,
  after: Client,
  events: ReadonlyArray<ClientEvent>,
): ReadonlyArray<RowChange> => {
  if (after._tag === "Absent") return []
  const known = before.state._tag === "Absent" ? undefined : columnsOf(clientId, before.state)
  const version = before.version + events.length
  const own: Row = { ...columnsOf(clientId, after), version, state: clientCodec.encode(after) }
  // Written once: a deleted client keeps it, because others are listed after it.
  const [first] = events
  const written = first?._tag === "ClientRegistered" ? { registered_at: first.registeredAt } : {}
  const isNew = known === undefined && after._tag === "Registered" && after.origin === "dynamic"
  return [
    ...differenceOf(clientTable, known, { ...own, ...written }),
    ...(isNew
      ? [{ _tag: "Put", table: unusedTable, row: { client_id: clientId, since: after.registeredAt } } as const]
      : []),
    ...(after._tag === "Registered" ? [] : [noteUse(clientId)]),
    ...audienceChanges(clientId, audienceOf(before.state), audienceOf(after)),
  ]
}

const audienceOf = (state: Client): string | null =>
  state._tag === "Registered" && state.audience !== null ? resourceKey(state.audience) : null

const audienceChanges = (clientId: string, before: string | null, after: string | null): ReadonlyArray<RowChange> => {
  if (before === after) return []
  return [
    ...(before === null ? [] : [{ _tag: "Delete", table: audienceTable, key: [before, clientId] } as const]),
    ...(after === null
      ? []
      : [{ _tag: "Put", table: audienceTable, row: { audience_key: after, client_id: clientId } } as const]),
  ]
}

/** The columns besides the state and its version, which every event changes, and when it registered, which none does. */
const columnsOf = (clientId: string, state: Exclude<Client, { _tag: "Absent" }>): Row => {
  const registered = state._tag === "Registered" ? state : undefined
  return {
    client_id: clientId,
    status: registered?.status ?? "deleted",
    epoch: state.epoch,
    origin: registered?.origin ?? null,
  }
}

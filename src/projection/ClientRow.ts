/** The client's row: its folded state, and what it is listed and joined by. */
import {
  absentClient,
  evolveClient,
  resourceKey,
  type Client,
  type ClientId,
  isClientEvent,
  type Resource,
} from "../core/index.ts"
import type { Recorded, Row, RowCheck, RowReader, RowWriter } from "../log/index.ts"
import { clientCodec } from "./Codec.ts"
import type { Versioned } from "./GrantRow.ts"
import { clientTable } from "./Tables.ts"

const fromRow = (row: Row): Versioned<Client> => ({
  state: clientCodec.decode(row["state"]),
  version: Number(row["version"]),
})

export const readClient = (rows: RowReader, clientId: string): Versioned<Client> => {
  const row = rows.get(clientTable, [clientId])
  return row === undefined ? { state: absentClient, version: 0 } : fromRow(row)
}

/** The newest first, or the oldest; behind a client that is not known there is nothing. */
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
  rows.count(clientTable, { audience_key: resourceKey(resource) }) > 0

/** What resource servers were added for, in the order of what it is compared by, behind that. */
export const listAudiences = (rows: RowReader, behind: string, limit: number): ReadonlyArray<Resource> =>
  rows.list(clientTable, { orderBy: ["audience_key"], after: [behind], limit }).flatMap((row) => {
    const { state } = fromRow(row)
    // INVARIANT: a row has a key where its client has an audience, so that a full page stays full.
    return state._tag === "Registered" && state.audience !== null ? [state.audience] : []
  })

/** A client that registered itself and for which nobody ever approved anything, and the row that says so. */
export interface UnusedClient {
  readonly clientId: ClientId
  /** Holds for as long as nobody approves anything for it. */
  readonly rowCheck: RowCheck
}

/** Those that registered themselves up to a moment and never got anywhere; the oldest first. */
export const listUnusedClients = (rows: RowReader, upTo: number, limit: number): ReadonlyArray<UnusedClient> =>
  rows
    .list(clientTable, { orderBy: ["unused_since", "client_id"], after: [-1, ""], limit })
    .filter((row) => Number(row["unused_since"]) <= upTo)
    .flatMap((row) => {
      const { state } = fromRow(row)
      if (state._tag !== "Registered") return []
      const { version, unused_since } = row
      const has = { version: version!, unused_since: unused_since! }
      return [{ clientId: state.clientId, rowCheck: { table: clientTable, key: [state.clientId], has } }]
    })

/** Somebody, or a policy, approved a grant for it: it is used from now on. */
export const noteUse = (rows: RowWriter, clientId: string): void => {
  const row = rows.get(clientTable, [clientId])
  if (row !== undefined && row["unused_since"] !== null) rows.put(clientTable, { ...row, unused_since: null })
}

export const applyToClient = (rows: RowWriter, clientId: string, entries: ReadonlyArray<Recorded>): void => {
  const known = rows.get(clientTable, [clientId])
  const before = known === undefined ? absentClient : fromRow(known).state
  const state = entries.reduce<Client>(
    (client, { event }) => (isClientEvent(event) ? evolveClient(client, event) : client),
    before,
  )
  if (state._tag === "Absent") return
  const registered = state._tag === "Registered" ? state : undefined
  const audience = registered?.audience ?? null
  const unusedSince = known === undefined ? (registered?.registeredAt ?? null) : known["unused_since"]!
  rows.put(clientTable, {
    client_id: clientId,
    version: entries.at(-1)!.version,
    state: clientCodec.encode(state),
    status: registered?.status ?? "deleted",
    epoch: state.epoch,
    origin: registered?.origin ?? null,
    audience_key: audience === null ? null : resourceKey(audience),
    unused_since: registered?.origin === "dynamic" ? unusedSince : null,
    // Kept of one that was deleted: others are listed behind it.
    registered_at: registered?.registeredAt ?? known?.["registered_at"] ?? null,
  })
}

/**
 * What the rows can be asked, by name: each is answered as of one moment, by whatever store there is.
 *
 * These are the answers of a store that reads rows in place; one that cannot has its own to the same questions.
 */
import type { Client, Digest, Grant, GrantId, State } from "../core/index.ts"
import type { Answering, EventLog, Queries, RowReader } from "../log/index.ts"
import { countDynamicClients, listClients, listUnusedClients, readClient } from "./ClientRow.ts"
import { listGrants, readGrant, type GrantPage } from "./GrantRow.ts"
import { readLiveAccess, type LiveAccess } from "./LiveAccess.ts"
import { readSlice } from "./Slice.ts"
import { readIssuer, readSubject } from "./SubjectRow.ts"
import { keyTable } from "./Tables.ts"

/** Who asks about a token, and what it leads to: itself, or the state that a refresh token depends on. */
export interface Introspected {
  readonly caller: Client
  readonly access: LiveAccess | undefined
  readonly owner: State | undefined
}

/** What a token says of itself. */
interface TokenName {
  readonly kind: "access" | "refresh" | "code" | "device"
  readonly grantId: GrantId
  readonly digest: Digest
}

export const rowQueries = {
  issuer: readIssuer,
  /** The ids of the keys that the log names. */
  keyIds: (rows: RowReader) => rows.list(keyTable, {}).map((row) => String(row["key_id"])),
  client: readClient,
  clients: listClients,
  dynamicClientCount: countDynamicClients,
  unusedClients: listUnusedClients,
  subject: readSubject,
  grant: readGrant,
  grants: listGrants,
  /** Grants with what they depend on. */
  grantSlices: (rows: RowReader, where: { readonly subjectId: string }, page: GrantPage) =>
    listGrants(rows, where, page).map(({ state }) => slicedGrant(rows, state)),
  slice: readSlice,
  liveAccess: readLiveAccess,
  introspection: (rows: RowReader, callerId: string, token: TokenName | undefined, now: number): Introspected => ({
    caller: readClient(rows, callerId).state,
    access: token?.kind === "access" ? readLiveAccess(rows, token, now) : undefined,
    owner: token?.kind === "refresh" ? readSlice(rows, token).state : undefined,
  }),
} satisfies Queries

const slicedGrant = (rows: RowReader, grant: Grant): State => ({
  ...readSlice(rows, grant._tag === "Absent" ? {} : { grantId: grant.grantId }).state,
  grant,
})

export type RowQueries = typeof rowQueries
export type RowAnswers = Answering<RowQueries>

/** A log and the rows that are folded from it. */
export interface ProjectedLog extends EventLog {
  readonly rows: RowAnswers
}

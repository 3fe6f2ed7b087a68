/**
 * The grant's rows: its folded state in one, and each of its live access tokens in one to be verified from.
 *
 * Written as the difference that an append makes, so that a refresh writes the same few rows at generation 10 000 as
 * at generation 1.
 */
import { absentGrant, diesAt, evolveGrant, type Grant, isGrantEvent, type OpenGrant } from "../core/index.ts"
import { isWithin, type Bookmark, type Recorded, type Row, type RowReader, type RowWriter } from "../log/index.ts"
import { accessCodec, grantCodec } from "./Codec.ts"
import { accessTable, grantTable } from "./Tables.ts"

/** A state and the version of the stream it was folded from. */
export interface Versioned<State> {
  readonly state: State
  readonly version: number
}

export const readGrant = (rows: RowReader, grantId: string): Versioned<Grant> => {
  const row = rows.get(grantTable, [grantId])
  return row === undefined ? { state: absentGrant, version: 0 } : fromRow(row)
}

const fromRow = (row: Row): Versioned<Grant> => ({
  state: grantCodec.decode(row["state"]),
  version: Number(row["version"]),
})

/**
 * Grants of a client or subject, or all, the newest first: ids begin with the time. Behind `after` are older ones; where
 * it is reversed, the oldest come first and newer ones are behind it.
 */
export const listGrants = (
  rows: RowReader,
  where: { readonly clientId?: string; readonly subjectId?: string },
  page: { readonly after?: string; readonly isReversed?: boolean; readonly limit: number },
): ReadonlyArray<Versioned<Grant>> =>
  rows
    .list(grantTable, {
      where: {
        ...(where.clientId === undefined ? {} : { client_id: where.clientId }),
        ...(where.subjectId === undefined ? {} : { subject_id: where.subjectId }),
      },
      isDescending: page.isReversed !== true,
      ...(page.after === undefined ? {} : { after: [page.after] }),
      limit: page.limit,
    })
    .map(fromRow)

export const applyToGrant = (rows: RowWriter, grantId: string, entries: ReadonlyArray<Recorded>): void => {
  const before = readGrant(rows, grantId).state
  const after = entries.reduce<Grant>(
    (grant, { event }) => (isGrantEvent(event) ? evolveGrant(grant, event) : grant),
    before,
  )
  if (after._tag === "Absent") return
  rows.put(grantTable, toRow(after, entries.at(-1)!))
  writeAccess(rows, grantId, before, after, entries)
}

const toRow = (grant: Exclude<Grant, { _tag: "Absent" }>, { version, recordedAt }: Recorded): Row => {
  const { grantId, clientId, subjectId } = grant
  const open = grant._tag === "Open" ? grant : undefined
  return {
    grant_id: grantId,
    version,
    state: grantCodec.encode(grant),
    status: grant._tag.toLowerCase(),
    client_id: clientId,
    subject_id: subjectId,
    issuer_epoch: open?.epochs.issuer ?? null,
    client_epoch: open?.epochs.client ?? null,
    subject_epoch: open?.epochs.subject ?? null,
    expires_at: open?.expiresAt ?? null,
    // INVARIANT: no row dies before its newest entry, so that removal never has to go back (`log/Rebuild.ts`).
    dies_at: Math.max(diesAt(grant) ?? 0, recordedAt),
  }
}

const accessTokensOf = (grant: Grant): OpenGrant["accessTokens"] => (grant._tag === "Open" ? grant.accessTokens : [])

const writeAccess = (
  rows: RowWriter,
  grantId: string,
  before: Grant,
  after: Grant,
  entries: ReadonlyArray<Recorded>,
): void => {
  const gone = new Set<string>(accessTokensOf(before).map((token) => token.digest))
  const alive = new Set<string>(accessTokensOf(after).map((token) => token.digest))
  for (const { event } of entries) {
    if (event._tag !== "AccessTokenIssued" || !alive.has(event.digest)) continue
    const { _tag, grantId, ...token } = event
    rows.put(accessTable, {
      grant_id: grantId,
      digest: token.digest,
      state: accessCodec.encode(token),
      expires_at: token.expiresAt,
    })
  }
  for (const digest of gone) if (!alive.has(digest)) rows.delete(accessTable, [grantId, digest])
}

/** Removes the rows of grants that died up to `through`, oldest death first; says where it stopped. */
export const pruneGrants = (rows: RowWriter, through: Bookmark, limit: number): Bookmark | undefined => {
  const dead = rows
    .list(grantTable, { columns: ["dies_at", "grant_id"], orderBy: ["dies_at", "grant_id"], limit })
    .map((row) => ({ diedAt: Number(row["dies_at"]), id: String(row["grant_id"]) }))
    .filter((bookmark) => isWithin(bookmark, through))
  for (const { id } of dead) {
    for (const access of rows.list(accessTable, { columns: ["digest"], where: { grant_id: id } })) {
      rows.delete(accessTable, [id, access["digest"]!])
    }
    rows.delete(grantTable, [id])
  }
  return dead.at(-1)
}

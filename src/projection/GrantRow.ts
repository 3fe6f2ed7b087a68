/**
 * The grant's rows: its folded state in one, and each of its live access tokens in one to be verified from.
 *
 * What an append makes of them is the difference between two states: a refresh writes the same few rows at generation
 * 10 000 as at generation 1, and with 64 live access tokens as with one.
 */
import {
  absentGrant,
  diesAt,
  digestFrom,
  happenedAt,
  loginOf,
  momentOf,
  type Grant,
  type GrantEvent,
  type OpenGrant,
} from "../core/index.ts"
import {
  MAX_CLOCK_LAG_MILLIS,
  isWithin,
  type PrunedThrough,
  type Row,
  type RowChange,
  type RowReader,
  type RowWriter,
} from "../log/index.ts"
import { accessCodec, damagedRow, descentCodec, grantCodec, loginCodec } from "./Codec.ts"
import { differenceOf } from "./Difference.ts"
import { accessTable, grantTable } from "./Tables.ts"

/** A state and the version of the stream it was folded from. */
export interface Versioned<State> {
  readonly state: State
  readonly version: number
}

/** `diesAt` is the value of its row, `null` if there is no row. */
export interface StoredGrant extends Versioned<Grant> {
  readonly diesAt: number | null
}

export const noGrant: StoredGrant = { state: absentGrant, version: 0, diesAt: null }

export const readGrant = (rows: RowReader, grantId: string): StoredGrant => {
  const row = rows.get(grantTable, [grantId])
  return row === undefined ? noGrant : fromRow(rows, row)
}

const fromRow = (rows: RowReader, row: Row): StoredGrant => {
  const state = grantCodec.decode(row["state"])
  return {
    state:
      state._tag === "Open" && !isWaiting(state)
        ? { ...state, accessTokens: readAccessTokens(rows, state.grantId) }
        : state,
    version: Number(row["version"]),
    diesAt: Number(row["dies_at"]),
  }
}

/** Whether its code is not redeemed yet. Then it has no access tokens, and none are looked for. */
const isWaiting = ({ code }: OpenGrant): boolean => code !== null && code.redeemedAt === null

/** Oldest first. */
const readAccessTokens = (rows: RowReader, grantId: string): OpenGrant["accessTokens"] =>
  rows
    .list(accessTable, { where: { grant_id: grantId } })
    .toSorted((left, right) => Number(left["version"]) - Number(right["version"]))
    .map((row) => {
      const digest = digestFrom(row["digest"])
      if (digest === undefined) throw damagedRow()
      return { digest, expiresAt: momentOf(Number(row["expires_at"])) }
    })

export interface GrantPage {
  readonly after?: string
  readonly isReversed?: boolean
  readonly limit: number
}

/**
 * Grants of a client or subject, or all, the newest first: ids begin with the time. Behind `after` are older ones; where
 * it is reversed, the oldest come first and newer ones are behind it.
 */
export const listGrants = (
  rows: RowReader,
  where: { readonly clientId?: string; readonly subjectId?: string },
  page: GrantPage,
): ReadonlyArray<StoredGrant> =>
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
    .map((row) => fromRow(rows, row))

export const grantChanges = (
  before: StoredGrant,
  after: Grant,
  events: ReadonlyArray<GrantEvent>,
): ReadonlyArray<RowChange> => {
  if (after._tag === "Absent") return []
  const version = before.version + events.length
  // Live access tokens are only in rows of their own.
  const state = grantCodec.encode(after._tag === "Open" ? { ...after, accessTokens: [] } : after)
  const own = { ...columnsOf(after, endOfRow(after, events.at(-1)!)), version, state }
  const known = before.state._tag === "Absent" ? undefined : columnsOf(before.state, before.diesAt!)
  return [...differenceOf(grantTable, known, own), ...accessChanges(after.grantId, before, after, events)]
}

/** Ends are rounded up to steps of this, so that the index on them changes seldom. */
const END_STEP_MILLIS = 60_000

/**
 * When the row may be removed. INVARIANT: never before its newest entry was recorded, which is later than it happened by
 * no more than a clock may lag behind; so removal never has to go back (`log/Rebuild.ts`).
 */
const endOfRow = (grant: Grant, newest: GrantEvent): number => {
  const end = Math.max(diesAt(grant) ?? 0, happenedAt(newest) + MAX_CLOCK_LAG_MILLIS)
  return Math.ceil(end / END_STEP_MILLIS) * END_STEP_MILLIS
}

/** The columns besides the state and its version, which every event changes. */
const columnsOf = (grant: Exclude<Grant, { _tag: "Absent" }>, diesAtMillis: number): Row => {
  const open = grant._tag === "Open" ? grant : undefined
  const login = open && loginOf(open.basis)
  return {
    grant_id: grant.grantId,
    status: grant._tag.toLowerCase(),
    client_id: grant.clientId,
    subject_id: grant.subjectId,
    issuer_epoch: open?.epochs.issuer ?? null,
    client_epoch: open?.epochs.client ?? null,
    subject_epoch: open?.epochs.subject ?? null,
    expires_at: open?.expiresAt ?? null,
    dies_at: diesAtMillis,
    // What it came of, and the login, stand beside the state, so that whoever verifies a token decodes no state.
    descent: open?.descent === undefined ? null : descentCodec.encode(open.descent),
    login: login === undefined ? null : loginCodec.encode(login),
  }
}

const tokensOf = (grant: Grant): OpenGrant["accessTokens"] => (grant._tag === "Open" ? grant.accessTokens : [])

const accessChanges = (
  grantId: string,
  { state, version }: StoredGrant,
  after: Grant,
  events: ReadonlyArray<GrantEvent>,
): ReadonlyArray<RowChange> => {
  const left = tokensOf(after)
  const alive = new Set(left.map(({ digest }) => digest))
  const issued = events.flatMap((event, index): ReadonlyArray<RowChange> => {
    if (event._tag !== "AccessTokenIssued" || !alive.has(event.digest)) return []
    const { _tag, grantId: _, ...token } = event
    const row = {
      grant_id: grantId,
      digest: token.digest,
      version: version + index + 1,
      state: accessCodec.encode(token),
      expires_at: token.expiresAt,
    }
    return [{ _tag: "Put", table: accessTable, row }]
  })
  const gone = tokensOf(state).filter(({ digest }) => !alive.has(digest))
  return [
    ...issued,
    ...gone.map(({ digest }): RowChange => ({
      _tag: "Delete",
      table: accessTable,
      key: [grantId, digest],
    })),
  ]
}

/** Removes the rows of grants that died up to `through`, the oldest death first, and gives how far it came. */
export const pruneGrants = (rows: RowWriter, through: PrunedThrough, limit: number): PrunedThrough | undefined => {
  const dead = rows
    .list(grantTable, { columns: ["dies_at", "grant_id"], orderBy: ["dies_at", "grant_id"], limit })
    .map((row) => ({ diedAt: Number(row["dies_at"]), id: String(row["grant_id"]) }))
    .filter((bound) => isWithin(bound, through))
  for (const { id } of dead) {
    for (const access of rows.list(accessTable, { columns: ["digest"], where: { grant_id: id } })) {
      rows.delete(accessTable, [id, access["digest"]!])
    }
    rows.delete(grantTable, [id])
  }
  return dead.at(-1)
}

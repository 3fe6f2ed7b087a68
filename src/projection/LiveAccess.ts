/**
 * Whether an access token is alive: one SQL statement, five rows, no walk.
 *
 * The same rule as `core/Liveness.ts`, over the columns; the other form is for stores without SQL, and a test holds
 * the two and the core against each other.
 */
import type { AccessToken } from "../core/index.ts"
import type { Join, Row, RowReader } from "../log/index.ts"
import { accessCodec } from "./Codec.ts"
import { accessTable, clientTable, grantTable, issuerTable, subjectTable } from "./Tables.ts"

/** Parameters: grant id, digest, now, now. Gives the row of a live token with its client and subject, or nothing. */
//= RFC7662-4-all-state-checks
export const liveAccess: Join = {
  sql: `
    SELECT a.state AS state, a.digest AS digest, g.client_id AS client_id, g.subject_id AS subject_id
    FROM access_rows a
    JOIN grant_rows g ON g.grant_id = a.grant_id
    JOIN client_rows c ON c.client_id = g.client_id
    JOIN issuer_rows i ON i.id = 'issuer'
    LEFT JOIN subject_rows s ON s.subject_id = g.subject_id
    WHERE a.grant_id = ? AND a.digest = ? AND ? < a.expires_at AND ? < g.expires_at
      AND g.status = 'open' AND c.status = 'enabled'
      AND c.epoch = g.client_epoch AND i.epoch = g.issuer_epoch
      AND (g.subject_id IS NULL
        OR (coalesce(s.epoch, 0) = g.subject_epoch AND coalesce(s.status, 'enabled') = 'enabled'))`,
  follow: (rows, [grantId = null, digest = null, now = null]) => {
    const access = rows.get(accessTable, [grantId, digest])
    const grant = rows.get(grantTable, [grantId])
    if (access === undefined || grant === undefined || grant["status"] !== "open") return undefined
    const client = rows.get(clientTable, [grant["client_id"]!])
    const isAlive =
      isBefore(now, access["expires_at"]) &&
      isBefore(now, grant["expires_at"]) &&
      client?.["status"] === "enabled" &&
      client["epoch"] === grant["client_epoch"] &&
      rows.get(issuerTable, ["issuer"])?.["epoch"] === grant["issuer_epoch"] &&
      subjectStands(rows, grant)
    const { client_id, subject_id } = grant
    return isAlive
      ? { state: access["state"]!, digest, client_id: client_id ?? null, subject_id: subject_id ?? null }
      : undefined
  },
}

/** A live access token, and whose it is. */
export interface LiveAccess {
  readonly token: AccessToken
  readonly clientId: string
  readonly subjectId: string | null
}

export const readLiveAccess = (
  rows: RowReader,
  { grantId, digest }: { readonly grantId: string; readonly digest: string },
  now: number,
): LiveAccess | undefined => {
  const row = rows.join(liveAccess, [grantId, digest, now, now])
  if (row === undefined) return undefined
  return {
    token: accessCodec.decode(row["state"]),
    clientId: String(row["client_id"]),
    subjectId: row["subject_id"] === null ? null : String(row["subject_id"]),
  }
}

const isBefore = (now: unknown, end: unknown): boolean => Number(now) < Number(end)

const subjectStands = (rows: Pick<RowReader, "get">, grant: Row): boolean => {
  const subjectId = grant["subject_id"] ?? null
  if (subjectId === null) return true
  const subject = rows.get(subjectTable, [subjectId])
  return (subject?.["epoch"] ?? 0) === grant["subject_epoch"] && (subject?.["status"] ?? "enabled") === "enabled"
}

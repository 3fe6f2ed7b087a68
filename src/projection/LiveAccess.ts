/**
 * Whether an access token is alive: five rows by their keys, no walk.
 *
 * The same rule as `core/Liveness.ts`, over the columns, so that no state of a grant or client is decoded; a test holds the
 * two against each other.
 */
import type { AccessToken } from "../core/index.ts"
import type { Row, RowReader } from "../log/index.ts"
import { accessCodec } from "./Codec.ts"
import { accessTable, clientTable, grantTable, issuerTable, subjectTable } from "./Tables.ts"

/** A live access token, with its client and subject. */
export interface LiveAccess {
  readonly token: AccessToken
  readonly clientId: string
  readonly subjectId: string | null
}

//= RFC7662-4-all-state-checks
export const readLiveAccess = (
  rows: RowReader,
  { grantId, digest }: { readonly grantId: string; readonly digest: string },
  now: number,
): LiveAccess | undefined => {
  // The rows that are always needed are asked for first: a remote store fetches them at once, and with the grant the
  // rows that it leads to.
  const issuer = rows.get(issuerTable, ["issuer"])
  const access = rows.get(accessTable, [grantId, digest])
  const grant = rows.get(grantTable, [grantId])
  if (access === undefined || grant === undefined || grant["status"] !== "open") return undefined
  const client = rows.get(clientTable, [grant["client_id"]!])
  const isAlive =
    isBefore(now, access["expires_at"]) &&
    isBefore(now, grant["expires_at"]) &&
    client?.["status"] === "enabled" &&
    client["epoch"] === grant["client_epoch"] &&
    issuer?.["epoch"] === grant["issuer_epoch"] &&
    subjectStands(rows, grant)
  const { client_id, subject_id } = grant
  return isAlive
    ? {
        token: accessCodec.decode(access["state"]),
        clientId: String(client_id),
        subjectId: subject_id === null ? null : String(subject_id),
      }
    : undefined
}

const isBefore = (now: number, end: unknown): boolean => now < Number(end)

const subjectStands = (rows: RowReader, grant: Row): boolean => {
  const subjectId = grant["subject_id"] ?? null
  if (subjectId === null) return true
  const subject = rows.get(subjectTable, [subjectId])
  return (subject?.["epoch"] ?? 0) === grant["subject_epoch"] && (subject?.["status"] ?? "enabled") === "enabled"
}

/**
 * Whether an access token is alive: five rows by their keys, no walk; and four more for each token that it came of, all of
 * which its grant names.
 *
 * The same rule as `core/Liveness.ts`, over the columns, so that no state of a grant or client is decoded; a test holds the
 * two against each other.
 */
import type { AccessToken, Ancestor, Descent, LoginContext } from "../core/index.ts"
import type { Row, RowReader } from "../log/index.ts"
import { accessCodec, descentCodec, loginCodec } from "./Codec.ts"
import { accessTable, clientTable, grantTable, issuerTable, subjectTable } from "./Tables.ts"

/** A live access token, with its client, subject and login, and what it came of where it came of others. */
export interface LiveAccess {
  readonly token: AccessToken
  readonly clientId: string
  readonly subjectId: string | null
  readonly descent: Descent | null
  readonly login: LoginContext | null
}

//= RFC7662-4-all-state-checks
export const readLiveAccess = (
  rows: RowReader,
  named: { readonly grantId: string; readonly digest: string },
  now: number,
): LiveAccess | undefined => {
  const issuer = rows.get(issuerTable, ["issuer"])
  const own = standing(rows, issuer, named, now)
  if (own === undefined) return undefined
  const { access, grant } = own
  const { client_id, subject_id } = grant
  const descent = (grant["descent"] ?? null) === null ? null : descentCodec.decode(grant["descent"])
  const login = (grant["login"] ?? null) === null ? null : loginCodec.decode(grant["login"])
  return descent === null || lineStands(rows, issuer, descent.ancestors, now)
    ? {
        token: accessCodec.decode(access["state"]),
        clientId: String(client_id),
        subjectId: subject_id === null ? null : String(subject_id),
        descent,
        login,
      }
    : undefined
}

/** Each is asked for though one before it is dead: a remote store fetches them all at once. */
const lineStands = (
  rows: RowReader,
  issuer: Row | undefined,
  ancestors: ReadonlyArray<Ancestor>,
  now: number,
): boolean => ancestors.map((one) => standing(rows, issuer, one, now)).every((one) => one !== undefined)

/** The rows of a token and its grant, if both are alive and nothing suspends them, all that they came of left aside. */
const standing = (
  rows: RowReader,
  issuer: Row | undefined,
  { grantId, digest }: { readonly grantId: string; readonly digest: string },
  now: number,
): { readonly access: Row; readonly grant: Row } | undefined => {
  // The rows that are always needed are asked for first: a remote store fetches them at once, and with the grant the
  // rows that it leads to.
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
  return isAlive ? { access, grant } : undefined
}

const isBefore = (now: number, end: unknown): boolean => now < Number(end)

const subjectStands = (rows: RowReader, grant: Row): boolean => {
  const subjectId = grant["subject_id"] ?? null
  if (subjectId === null) return true
  const subject = rows.get(subjectTable, [subjectId])
  return (subject?.["epoch"] ?? 0) === grant["subject_epoch"] && (subject?.["status"] ?? "enabled") === "enabled"
}

/**
 * The digest index of refresh tokens from before tokens named a version of their stream: which entry issued one.
 *
 * It finds a token that is too old for any row to know, as long as such grants are alive; a newer log has an empty
 * index. It only finds: the entry is read from the log and must have issued that very digest, so that an edited index
 * can neither end a grant nor hide one unnoticed.
 */
import { issuedDigest, type Event } from "../core/index.ts"
import { StoreFault } from "./EventLog.ts"
import type { Recorded } from "./Recorded.ts"
import type { RowReader, RowWriter } from "./Rows.ts"
import { issuedTable } from "./Tables.ts"

const isUnversioned = (event: Event): boolean =>
  (event._tag === "RefreshTokenIssued" || event._tag === "RefreshTokenRotated") && event.afterVersion === null

/** The digest that the index has of an event, if it has one. */
export const indexedDigest = (event: Event): string | undefined =>
  isUnversioned(event) ? issuedDigest(event) : undefined

export const indexIssued = (rows: RowWriter, { event, position }: Recorded): void => {
  if (isUnversioned(event)) rows.put(issuedTable, { digest: issuedDigest(event)!, position })
}

export const findIssued = (
  rows: Pick<RowReader, "get">,
  digest: string,
  entryAt: (position: number) => Recorded | undefined,
): Recorded | undefined => {
  const row = rows.get(issuedTable, [digest])
  if (row === undefined) return undefined
  const entry = entryAt(Number(row["position"]))
  if (entry !== undefined && issuedDigest(entry.event) === digest) return entry
  const message = `the digest index names entry ${row["position"]}, which issued something else: run grantlog rebuild`
  throw new StoreFault({ reason: "corrupt", message })
}

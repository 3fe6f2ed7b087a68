/**
 * The digest index of refresh tokens from before they named a version of their stream: which entry issued one.
 *
 * It finds a token that is too old for any row to know, for as long as grants of before are alive; in a log that has
 * none it is empty. It only finds: what it names is read from the log and must have issued that very digest, so that an
 * index that somebody edited kills nothing and hides nothing unnoticed.
 */
import { issuedDigest, type Event } from "../core/index.ts"
import { StoreFault } from "./EventLog.ts"
import type { Recorded } from "./Recorded.ts"
import type { RowReader, RowWriter } from "./Rows.ts"
import { issuedTable } from "./Tables.ts"

const isUnversioned = (event: Event): boolean =>
  (event._tag === "RefreshTokenIssued" || event._tag === "RefreshTokenRotated") && event.afterVersion === null

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

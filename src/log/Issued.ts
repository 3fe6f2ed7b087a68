/**
 * The digest index: which entry issued the code or token of a digest.
 *
 * It finds a token that is too old for any row to know. It only finds: what it names is read from the log and must have
 * issued that very digest, so that an index that somebody edited kills nothing and hides nothing unnoticed.
 */
import { issuedDigest } from "../core/index.ts"
import { StoreFault } from "./EventLog.ts"
import type { Recorded } from "./Recorded.ts"
import type { RowReader, RowWriter } from "./Rows.ts"
import { issuedTable } from "./Tables.ts"

export const indexIssued = (rows: RowWriter, { event, position }: Recorded): void => {
  const digest = issuedDigest(event)
  if (digest !== undefined) rows.put(issuedTable, { digest, position })
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

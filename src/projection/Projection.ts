/** The inline projection: every append folded into the rows of the one stream it belongs to. */
import { lifecycleOf, type Event } from "../core/index.ts"
import type { InlineProjection, Recorded, RowWriter } from "../log/index.ts"
import { applyToClient, noteUse } from "./ClientRow.ts"
import { applyToGrant, pruneGrants } from "./GrantRow.ts"
import { applyToIssuer, applyToSubject } from "./SubjectRow.ts"
import { accessTable, clientTable, grantTable, issuerTable, keyTable, subjectTable } from "./Tables.ts"

const namedKey = (event: Event): string | undefined => ("keyId" in event ? event.keyId : undefined)

const apply = (rows: RowWriter, entries: ReadonlyArray<Recorded>): void => {
  for (const keyId of new Set(entries.map((entry) => namedKey(entry.event)))) {
    if (keyId !== undefined && rows.get(keyTable, [keyId]) === undefined) rows.put(keyTable, { key_id: keyId })
  }
  const { stream, event } = entries[0]!
  const id = stream.slice(stream.indexOf("-") + 1)
  switch (lifecycleOf(event)) {
    case "issuer":
      return applyToIssuer(rows, entries)
    case "client":
      return applyToClient(rows, id, entries)
    case "subject":
      return applyToSubject(rows, id, entries)
    case "grant":
      // A token that a client gets for itself is approved by nobody: it makes a registration no more used than before.
      if (event._tag === "GrantOpened" && event.basis._tag !== "ClientCredentials") noteUse(rows, event.clientId)
      return applyToGrant(rows, id, entries)
  }
}

export const inlineProjection: InlineProjection = {
  tables: [issuerTable, clientTable, subjectTable, grantTable, accessTable, keyTable],
  apply,
  prune: pruneGrants,
}

/** The ids of the keys that the log names. */
export const keyIdsOf = (rows: Pick<RowWriter, "list">): ReadonlyArray<string> =>
  rows.list(keyTable, {}).map((row) => String(row["key_id"]))

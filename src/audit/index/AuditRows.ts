/**
 * One entry of the log, folded into the rows of the audit index.
 *
 * Entries come in log order, each once. If an event does not name its client or subject, they are taken from the row of
 * its grant, so the events of a grant are found by client and by subject too.
 */
import { ancestorsOf, type Event, type Resource } from "../../core/index.ts"
import type { Recorded, Row, RowWriter } from "../../log/index.ts"
import { resourceKey } from "../../protocol/index.ts"
import { askedDigest } from "../asof/AskedDigest.ts"
import { entryTable, exchangeTable, grantTable, resourceTable, tokenTable } from "./AuditTables.ts"

export const indexEntry = (rows: RowWriter, { event, position, actor, correlationId }: Recorded): void => {
  const grantId = "grantId" in event ? event.grantId : null
  const before = grantId === null ? undefined : rows.get(grantTable, [grantId])
  const grant = grantId === null ? undefined : grantAfter(before, grantId, event, position)
  if (grant !== undefined && grant !== before) rows.put(grantTable, grant)
  rows.put(entryTable, {
    position,
    type: event._tag,
    actor,
    correlation_id: correlationId,
    grant_id: grantId,
    client_id: "clientId" in event ? event.clientId : (grant?.["client_id"] ?? null),
    subject_id: "subjectId" in event ? event.subjectId : (grant?.["subject_id"] ?? null),
  })
  for (const resource of new Set(resourcesOf(event).map(resourceKey))) rows.put(resourceTable, { resource, position })
  for (const { grantId: from, digest: exchanged } of event._tag === "GrantOpened" ? ancestorsOf(event) : []) {
    rows.put(exchangeTable, { from_grant_id: from, digest: exchanged, grant_id: grantId })
  }
  const digest = askedDigest(event)
  if (digest !== undefined) rows.put(tokenTable, { digest, position, ended_position: null })
  if (event._tag !== "AccessTokenRevoked") return
  const ended = rows.get(tokenTable, [event.digest])
  if (ended !== undefined) rows.put(tokenTable, { ...ended, ended_position: position })
}

const resourcesOf = (event: Event): ReadonlyArray<Resource> => {
  if ("resources" in event) return event.resources
  return event._tag === "ClientRegistered" && event.audience !== null ? [event.audience] : []
}

/** The grant's row after this event; `undefined` for a grant that was never opened. */
const grantAfter = (before: Row | undefined, grantId: string, event: Event, position: number): Row | undefined => {
  switch (event._tag) {
    case "GrantOpened":
      return {
        grant_id: grantId,
        client_id: event.clientId,
        subject_id: event.subjectId,
        metadata_digest: event.metadataDigest,
        position,
        opened_at: event.openedAt,
        ends_at: event.openedAt,
      }
    case "AuthorizationCodeIssued":
    case "AccessTokenIssued":
    case "RefreshTokenIssued":
    case "RefreshTokenRotated":
      return before && Number(before["ends_at"]) < event.expiresAt ? { ...before, ends_at: event.expiresAt } : before
    case "GrantRevoked":
      return before && { ...before, ends_at: event.revokedAt }
    default:
      return before
  }
}

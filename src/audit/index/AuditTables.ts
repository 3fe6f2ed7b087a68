/**
 * The tables of the audit index: ids to find entries by, and nothing else.
 *
 * No column names a person, and none holds a secret: every digest is of 256 random bits. Everything else is read from
 * the log. If a table changes, every index file is old and is made anew from the log.
 */
import type { Table } from "../../log/index.ts"

/** How far the index has come, and in which log: the leaf hash of the last entry that it took in. */
export const bookmarkTable: Table = {
  name: "bookmark",
  columns: { name: "TEXT", size: "INTEGER", leaf: "TEXT" },
  key: ["name"],
  indexes: [],
}

export const entryTable: Table = {
  name: "audited_entries",
  columns: {
    position: "INTEGER",
    type: "TEXT",
    actor: "TEXT",
    correlation_id: "TEXT",
    grant_id: "TEXT",
    client_id: "TEXT",
    subject_id: "TEXT",
  },
  key: ["position"],
  indexes: [
    ["grant_id", "position"],
    ["correlation_id", "position"],
    ["subject_id", "position"],
    ["actor", "position"],
    ["client_id", "position"],
    ["type", "position"],
  ],
}

/** Which entries name a resource, by the form that resources are compared in. */
export const resourceTable: Table = {
  name: "audited_resources",
  columns: { resource: "TEXT", position: "INTEGER" },
  key: ["resource", "position"],
  indexes: [],
}

/** Every code and token ever issued, and by which entry; an access token's end, if it had one before its time. */
export const tokenTable: Table = {
  name: "audited_tokens",
  columns: { digest: "TEXT", position: "INTEGER", ended_position: "INTEGER" },
  key: ["digest"],
  indexes: [],
}

/** `ends_at` is the time when the last thing of the grant expires, or when the grant was ended earlier. */
export const grantTable: Table = {
  name: "audited_grants",
  columns: {
    grant_id: "TEXT",
    client_id: "TEXT",
    subject_id: "TEXT",
    metadata_digest: "TEXT",
    position: "INTEGER",
    opened_at: "INTEGER",
    ends_at: "INTEGER",
  },
  key: ["grant_id"],
  indexes: [
    ["client_id", "ends_at", "grant_id"],
    ["subject_id", "ends_at", "grant_id"],
    ["metadata_digest", "ends_at", "grant_id"],
    ["opened_at", "grant_id"],
  ],
}

/** Which grants came of a grant by exchanges of its tokens (RFC 8693), over any number of them. */
export const exchangeTable: Table = {
  name: "audited_exchanges",
  columns: { from_grant_id: "TEXT", digest: "TEXT", grant_id: "TEXT" },
  key: ["from_grant_id", "digest", "grant_id"],
  indexes: [],
}

export const auditTables: ReadonlyArray<Table> = [
  bookmarkTable,
  entryTable,
  resourceTable,
  tokenTable,
  grantTable,
  exchangeTable,
]

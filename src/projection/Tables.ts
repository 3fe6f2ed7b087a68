/**
 * The inline rows: what every answer is given from, of constant size per grant, client and subject.
 *
 * A row carries the folded state and, beside it, the few columns that SQL joins and lists by. `version` is that of the
 * stream it was folded from: what a decision was based on, and what its append must find.
 */
import type { Reference, Table } from "../log/index.ts"

export const issuerTable: Table = {
  name: "issuer_rows",
  columns: { id: "TEXT", version: "INTEGER", state: "TEXT", epoch: "INTEGER" },
  key: ["id"],
  indexes: [],
}

export const clientTable: Table = {
  name: "client_rows",
  columns: {
    client_id: "TEXT",
    version: "INTEGER",
    state: "TEXT",
    status: "TEXT",
    epoch: "INTEGER",
    origin: "TEXT",
    registered_at: "INTEGER",
  },
  key: ["client_id"],
  indexes: [["origin"], ["registered_at", "client_id"]],
}

/** What a resource server was added for, by what resources are compared by. */
export const audienceTable: Table = {
  name: "audience_rows",
  columns: { audience_key: "TEXT", client_id: "TEXT" },
  key: ["audience_key", "client_id"],
  indexes: [],
}

/** A client that registered itself and for which nobody ever approved anything. */
export const unusedTable: Table = {
  name: "unused_rows",
  columns: { client_id: "TEXT", since: "INTEGER" },
  key: ["client_id"],
  indexes: [["since", "client_id"]],
}

export const subjectTable: Table = {
  name: "subject_rows",
  columns: { subject_id: "TEXT", version: "INTEGER", state: "TEXT", status: "TEXT", epoch: "INTEGER" },
  key: ["subject_id"],
  indexes: [],
}

export const grantTable: Table = {
  name: "grant_rows",
  columns: {
    grant_id: "TEXT",
    version: "INTEGER",
    state: "TEXT",
    status: "TEXT",
    client_id: "TEXT",
    subject_id: "TEXT",
    issuer_epoch: "INTEGER",
    client_epoch: "INTEGER",
    subject_epoch: "INTEGER",
    expires_at: "INTEGER",
    dies_at: "INTEGER",
    descent: "TEXT",
    login: "TEXT",
  },
  key: ["grant_id"],
  indexes: [
    ["client_id", "grant_id"],
    ["subject_id", "grant_id"],
    ["dies_at", "grant_id"],
  ],
  isWide: true,
}

/** One live access token of a grant. */
export const accessTable: Table = {
  name: "access_rows",
  columns: {
    grant_id: "TEXT",
    digest: "TEXT",
    version: "INTEGER",
    state: "TEXT",
    expires_at: "INTEGER",
  },
  key: ["grant_id", "digest"],
  indexes: [],
}

/** The keys of the ring that the log names: a ring that lacks one is not this log's. */
export const keyTable: Table = { name: "key_rows", columns: { key_id: "TEXT" }, key: ["key_id"], indexes: [] }

/** Who asks for a grant asks for these next. */
export const references: ReadonlyArray<Reference> = [
  { from: grantTable, column: "grant_id", to: accessTable },
  { from: grantTable, column: "client_id", to: clientTable },
  { from: grantTable, column: "subject_id", to: subjectTable },
]

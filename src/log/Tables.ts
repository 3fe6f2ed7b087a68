/**
 * The tables every log has besides those of its projection.
 *
 * The permanent ones (accounts, browser sessions) are not folded from the log and survive a rebuild; the digest index and
 * the Merkle tree's subtrees are folded from it, and how far dead rows were removed is judged by it. A change here is a
 * migration (`sql/Migrations.ts`).
 */
import type { Table } from "./Rows.ts"

/** Who can sign in, by the name they type; the log knows the subject id alone. `display_name` is what people are shown. */
export const accountTable: Table = {
  name: "accounts",
  columns: {
    name: "TEXT",
    subject_id: "TEXT",
    password_hash: "TEXT",
    created_at: "INTEGER",
    display_name: "TEXT",
  },
  key: ["name"],
  indexes: [["subject_id"]],
}

/** A browser session, under the digest of its random id. */
export const sessionTable: Table = {
  name: "sessions",
  columns: {
    digest: "TEXT",
    subject_id: "TEXT",
    authenticated_at: "INTEGER",
    seen_at: "INTEGER",
    expires_at: "INTEGER",
  },
  key: ["digest"],
  indexes: [["subject_id"], ["expires_at"]],
}

export const prunedTable: Table = {
  name: "pruned",
  columns: { name: "TEXT", died_at: "INTEGER", id: "TEXT" },
  key: ["name"],
  indexes: [],
}

/** Which entry issued the code or token of a digest: how an old one is recognised that no row knows any more. */
export const issuedTable: Table = {
  name: "issued",
  columns: { digest: "TEXT", position: "INTEGER" },
  key: ["digest"],
  indexes: [],
}

/** The hash of each complete subtree of 16 leaves, of 256 and so on: the `place`-th of 2^`level` leaves (`Tree.ts`). */
export const subtreeTable: Table = {
  name: "subtrees",
  columns: { level: "INTEGER", place: "INTEGER", hash: "BLOB" },
  key: ["level", "place"],
  indexes: [],
}

/**
 * Names of the tables beside the log: nothing in it says what should be in them, so that nothing can be said of them.
 * Every other table is the log, or is judged by it.
 */
export const tablesBeside: ReadonlyArray<string> = ["accounts", "claims", "sessions"]

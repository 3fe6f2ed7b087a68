/**
 * The tables every log has besides those of its projection: the digest index and the Merkle tree's subtrees, which are
 * folded from it, and how far dead rows were removed, which is judged by it. A change here is a migration
 * (`sql/Migrations.ts`).
 */
import type { Table } from "./Rows.ts"

export const prunedTable: Table = {
  name: "pruned",
  columns: { name: "TEXT", died_at: "INTEGER", id: "TEXT" },
  key: ["name"],
  indexes: [],
}

/** Which entry issued the refresh token of a digest, of those from before they named it themselves (`Issued.ts`). */
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

/** One-time values that were claimed, until they may be forgotten: beside the log, and not folded from it. */
export const claimTable: Table = {
  name: "claims",
  columns: { key: "TEXT", until: "INTEGER" },
  key: ["key"],
  indexes: [["until"]],
}

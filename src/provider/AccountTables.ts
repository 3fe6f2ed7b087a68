/** The tables of accounts, browser sessions, and what devices asked for. A change here is a migration of every store. */
import type { Table } from "../log/index.ts"

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

/** A browser session, under the digest of its random id; `login` is what the login said of itself, as JSON. */
export const sessionTable: Table = {
  name: "sessions",
  columns: {
    digest: "TEXT",
    subject_id: "TEXT",
    authenticated_at: "INTEGER",
    seen_at: "INTEGER",
    expires_at: "INTEGER",
    login: "TEXT",
  },
  key: ["digest"],
  indexes: [["subject_id"], ["expires_at"]],
}

/**
 * What a device asked for and nobody has answered, under a keyed hash of its user code: the code alone has too few bits
 * for a plain one. What it asked for, and where from, is encrypted.
 */
export const deviceTable: Table = {
  name: "device_requests",
  columns: { user_code: "TEXT", grant_id: "TEXT", encrypted: "TEXT", expires_at: "INTEGER" },
  key: ["user_code"],
  indexes: [["grant_id"], ["expires_at"]],
  isWide: true,
}

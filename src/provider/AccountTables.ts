/** The tables of accounts, their passkeys, browser sessions, what devices asked for, and bookmarks. A change here is a migration of every store. */
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
 * The passkeys of an account (WebAuthn): the public key of each, and what the person calls it. Nothing in here signs
 * anybody in.
 */
export const passkeyTable: Table = {
  name: "passkeys",
  columns: {
    credential_id: "TEXT",
    subject_id: "TEXT",
    name: "TEXT",
    public_key: "TEXT",
    sign_count: "INTEGER",
    transports: "TEXT",
    is_synced: "INTEGER",
    created_at: "INTEGER",
    used_at: "INTEGER",
    went_back_at: "INTEGER",
  },
  key: ["credential_id"],
  indexes: [["subject_id"]],
  isWide: true,
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

/** How far a reader of the log has come for all instances, and which of them reads until when. */
export const bookmarkTable: Table = {
  name: "bookmarks",
  columns: { reader: "TEXT", position: "INTEGER", holder: "TEXT", held_until: "INTEGER" },
  key: ["reader"],
  indexes: [],
}

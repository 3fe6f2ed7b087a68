/**
 * A store as an earlier version left it: the SQL that makes its files, and what is known of the tokens in it.
 *
 * Text, so that it can be looked through. Restoring it writes every row as it was stored, whatever the present version
 * would write.
 */
import { writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import type { KeyRingFile } from "../../src/provider/index.ts"

export const storeFolder = fileURLToPath(new URL("../../spec/vectors/stores/", import.meta.url))

export interface StoreVector {
  readonly about: string
  /** When it was closed, milliseconds since the epoch. */
  readonly endedAt: number
  readonly issuer: string
  readonly keys: KeyRingFile
  /** The statements of each SQLite file, by what its name has behind the database's. */
  readonly databases: Readonly<Record<string, ReadonlyArray<string>>>
  /** Other files beside it, likewise. */
  readonly texts: Readonly<Record<string, string>>
  /** The resource server that may look at every access token. */
  readonly watcherId: string
  readonly active: ReadonlyArray<string>
  readonly inactive: ReadonlyArray<string>
  /** The refresh tokens of one grant that is alive, oldest first; nobody but a thief has any but the last one. */
  readonly rotated: { readonly clientId: string; readonly tokens: ReadonlyArray<string> }
  /** Refresh tokens whose grants have ended. */
  readonly ended: ReadonlyArray<{ readonly clientId: string; readonly token: string }>
  /** A refresh whose answer never arrived, within the window: what was presented, and what was answered. */
  readonly lost: {
    readonly clientId: string
    readonly token: string
    readonly answer: { readonly access_token: string; readonly refresh_token: string }
  }
  readonly code: { readonly clientId: string; readonly code: string; readonly codeVerifier: string }
  /** The id of a browser session, and the name of its account. */
  readonly session: { readonly id: string; readonly account: string }
}

const quoted = (name: unknown): string => `"${String(name)}"`

/** The statements that make a SQLite file with the same rows. */
export const statementsOf = (file: string): ReadonlyArray<string> => {
  const database = new DatabaseSync(file, { readOnly: true })
  try {
    const pragma = (name: string) =>
      `PRAGMA ${name} = ${String(Object.values(database.prepare(`PRAGMA ${name}`).get()!)[0])}`
    const made = database.prepare("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").all()
    const rows = made
      .filter(({ type }) => type === "table")
      .flatMap(({ name }) => {
        const columns = database.prepare(`SELECT name FROM pragma_table_info(?)`).all(String(name))
        const values = columns.map((column) => `quote(${quoted(column["name"])})`).join(" || ', ' || ")
        return database
          .prepare(`SELECT ${values} AS list FROM ${quoted(name)}`)
          .all()
          .map(({ list }) => `INSERT INTO ${String(name)} VALUES (${String(list)})`)
      })
    return [pragma("application_id"), pragma("user_version"), ...made.map(({ sql }) => String(sql)), ...rows]
  } finally {
    database.close()
  }
}

/** Makes a SQLite file of statements. */
export const restoreFile = (file: string, statements: ReadonlyArray<string>): void => {
  const database = new DatabaseSync(file)
  const [marks, others] = [/^PRAGMA/, /^(?!PRAGMA)/].map((kind) => statements.filter((sql) => kind.test(sql)))
  database.exec(["PRAGMA synchronous = OFF", ...marks!, "BEGIN", ...others!, "COMMIT"].join(";\n"))
  database.close()
}

/** Puts the files of a store where the database is to be `file`. */
export const restoreStore = (vector: StoreVector, file: string): void => {
  for (const [suffix, statements] of Object.entries(vector.databases)) restoreFile(`${file}${suffix}`, statements)
  for (const [suffix, text] of Object.entries(vector.texts)) writeFileSync(`${file}${suffix}`, text)
}

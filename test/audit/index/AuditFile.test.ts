/** The file of an index: it has these tables or none, and is written in the way that something disposable may be. */
import { statSync, writeFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { dropIndexes, makeIndexes, openAuditFile } from "../../../src/audit/index/AuditFile.ts"
import { openNodeSqlite, type OpenSqlite, type SqliteDriver } from "../../../src/log/index.ts"
import { hooked, temporaryFolder } from "../../log/Connections.ts"

const TABLES = [
  "CREATE TABLE audit_schema (definition TEXT NOT NULL) STRICT",
  "CREATE TABLE audited_entries (position INTEGER, type TEXT, actor TEXT, correlation_id TEXT, grant_id TEXT, client_id TEXT, subject_id TEXT, PRIMARY KEY (position)) STRICT, WITHOUT ROWID",
  "CREATE TABLE audited_exchanges (from_grant_id TEXT, digest TEXT, grant_id TEXT, PRIMARY KEY (from_grant_id, digest, grant_id)) STRICT, WITHOUT ROWID",
  "CREATE TABLE audited_grants (grant_id TEXT, client_id TEXT, subject_id TEXT, metadata_digest TEXT, position INTEGER, opened_at INTEGER, ends_at INTEGER, PRIMARY KEY (grant_id)) STRICT, WITHOUT ROWID",
  "CREATE TABLE audited_resources (resource TEXT, position INTEGER, PRIMARY KEY (resource, position)) STRICT, WITHOUT ROWID",
  "CREATE TABLE audited_tokens (digest TEXT, position INTEGER, ended_position INTEGER, PRIMARY KEY (digest)) STRICT, WITHOUT ROWID",
  "CREATE TABLE bookmark (name TEXT, size INTEGER, leaf TEXT, PRIMARY KEY (name)) STRICT, WITHOUT ROWID",
]
const INDEXES = [
  "CREATE INDEX audited_entries_by_actor_position ON audited_entries (actor, position)",
  "CREATE INDEX audited_entries_by_client_id_position ON audited_entries (client_id, position)",
  "CREATE INDEX audited_entries_by_correlation_id_position ON audited_entries (correlation_id, position)",
  "CREATE INDEX audited_entries_by_grant_id_position ON audited_entries (grant_id, position)",
  "CREATE INDEX audited_entries_by_subject_id_position ON audited_entries (subject_id, position)",
  "CREATE INDEX audited_entries_by_type_position ON audited_entries (type, position)",
  "CREATE INDEX audited_grants_by_client_id_ends_at_grant_id ON audited_grants (client_id, ends_at, grant_id)",
  "CREATE INDEX audited_grants_by_metadata_digest_ends_at_grant_id ON audited_grants (metadata_digest, ends_at, grant_id)",
  "CREATE INDEX audited_grants_by_opened_at_grant_id ON audited_grants (opened_at, grant_id)",
  "CREATE INDEX audited_grants_by_subject_id_ends_at_grant_id ON audited_grants (subject_id, ends_at, grant_id)",
]

const statements = (driver: SqliteDriver, type: string) =>
  driver
    .prepare("SELECT sql FROM sqlite_schema WHERE type = ? AND sql IS NOT NULL ORDER BY name")
    .all(type)
    .map(({ sql }) => sql)

const valueOf = (driver: SqliteDriver, sql: string) => Object.values(driver.prepare(sql).get()!)[0]

/** What is executed on a connection, in order. */
const recording = () => {
  const executed: Array<string> = []
  const open = hooked(openNodeSqlite, (sql, go) => {
    executed.push(sql)
    return go()
  })
  return { executed, open }
}

const refusing =
  (sql: string, onClose: () => void): OpenSqlite =>
  (file) => {
    const driver = openNodeSqlite(file)
    return {
      ...driver,
      exec: (asked) => {
        if (asked === sql) throw new Error("refused")
        driver.exec(asked)
      },
      close: () => {
        driver.close()
        onClose()
      },
    }
  }

describe("an index", () => {
  it("has these tables, with ids to find entries by, and these indexes", () => {
    const driver = openAuditFile(undefined)
    expect(statements(driver, "table")).toEqual(TABLES)
    expect(statements(driver, "index")).toEqual(INDEXES)
    expect(valueOf(driver, "PRAGMA application_id")).toBe(0x67617564)
    expect(valueOf(driver, "SELECT definition FROM audit_schema")).toMatch(
      /^3 CREATE TABLE bookmark \(.*;\nCREATE TABLE/,
    )
    driver.close()
  })

  it("can do without its indexes, and has those made again that are missing, and no others", () => {
    const driver = openAuditFile(undefined)
    dropIndexes(driver)
    expect(statements(driver, "index")).toEqual([])
    dropIndexes(driver)
    driver.exec(INDEXES[3]!)
    makeIndexes(driver)
    expect(statements(driver, "index")).toEqual(INDEXES)
    makeIndexes(driver)
    expect(statements(driver, "index")).toEqual(INDEXES)
    driver.close()
  })
})

describe("the file of an index", () => {
  it("is its owner's alone, believes no schema, is journaled, and never waits once it is open", () => {
    const file = `${temporaryFolder()}/grantlog.db.audit`
    writeFileSync(file, "", { mode: 0o644 })
    const driver = openAuditFile(file)
    expect((statSync(file).mode & 0o777).toString(8)).toBe("600")
    const settings = [
      "journal_mode",
      "synchronous",
      "cache_size",
      "wal_autocheckpoint",
      "trusted_schema",
      "busy_timeout",
    ]
    expect(settings.map((name) => valueOf(driver, `PRAGMA ${name}`))).toEqual(["wal", 1, -65_536, 16_384, 0, 0])
    driver.close()
  })

  it("is waited for while others open it, and looked at before anything is written into it", () => {
    const { executed, open } = recording()
    openAuditFile(undefined, open).close()
    expect(executed.slice(0, 4)).toEqual([
      "PRAGMA busy_timeout = 5000",
      "PRAGMA trusted_schema = OFF",
      "SELECT 1 FROM sqlite_schema",
      "PRAGMA journal_mode = WAL",
    ])
    expect(executed.at(-1)).toBe("PRAGMA busy_timeout = 0")
  })

  it("is kept where it is of this version, and emptied where it is of another", () => {
    const file = `${temporaryFolder()}/grantlog.db.audit`
    const note = (driver: SqliteDriver) =>
      driver.exec("INSERT INTO bookmark (name, size, leaf) VALUES ('log', 7, 'leaf'); CREATE TABLE older (a)")
    const noted = (driver: SqliteDriver) => driver.prepare("SELECT size FROM bookmark").get()?.["size"]
    const first = openAuditFile(file)
    note(first)
    first.close()
    const second = openAuditFile(file)
    expect([noted(second), statements(second, "table").length]).toEqual([7, TABLES.length + 1])
    second.exec("UPDATE audit_schema SET definition = '2'")
    second.close()
    const third = openAuditFile(file)
    expect([noted(third), statements(third, "table")]).toEqual([undefined, TABLES])
    third.close()
  })

  it("that another program made is refused and left as it is, whether it has a mark of its own or none", () => {
    for (const mark of [0, 7]) {
      const file = `${temporaryFolder()}/theirs.db`
      const theirs = openNodeSqlite(file)
      theirs.exec(`CREATE TABLE theirs (a); PRAGMA application_id = ${mark}`)
      theirs.close()
      let closeCount = 0
      const open: OpenSqlite = refusing("nothing", () => closeCount++)
      expect(() => openAuditFile(file, open)).toThrow(
        expect.objectContaining({
          _tag: "StoreFault",
          reason: "not-a-log",
          message: "the file of the audit index is a database of another program: move it out of the way",
        }),
      )
      expect(closeCount).toBe(1)
      const after = openNodeSqlite(file)
      expect(statements(after, "table")).toEqual(["CREATE TABLE theirs (a)"])
      expect(valueOf(after, "PRAGMA journal_mode")).toBe("delete")
      after.close()
    }
  })

  it("that another program makes meanwhile is left to it", () => {
    const made: Array<SqliteDriver> = []
    const open: OpenSqlite = (path) => {
      const driver = openNodeSqlite(path)
      made.push(driver)
      return driver
    }
    const meanwhile = hooked(open, (sql, go) => {
      if (sql === "BEGIN IMMEDIATE") made[0]!.exec("CREATE TABLE theirs (a)")
      return go()
    })
    const file = `${temporaryFolder()}/theirs.db`
    expect(() => openAuditFile(file, meanwhile)).toThrow(/a database of another program/)
    const after = openNodeSqlite(file)
    expect(statements(after, "table")).toEqual(["CREATE TABLE theirs (a)"])
    after.close()
  })

  it("that is marked before its tables are there is an index that was begun", () => {
    const file = `${temporaryFolder()}/begun.audit`
    const begun = openNodeSqlite(file)
    begun.exec(`PRAGMA application_id = ${0x67617564}; CREATE TABLE audit_schema (definition TEXT)`)
    begun.close()
    const driver = openAuditFile(file)
    expect(statements(driver, "table")).toEqual(TABLES)
    driver.close()
  })

  it("is closed again where it cannot be prepared", () => {
    let closeCount = 0
    const open = refusing("PRAGMA synchronous = NORMAL", () => closeCount++)
    expect(() => openAuditFile(undefined, open)).toThrow("refused")
    expect(closeCount).toBe(1)
  })

  it("says which folder must be writable where it cannot be made", () => {
    const file = `${temporaryFolder()}/no/such/folder/grantlog.db.audit`
    expect(() => openAuditFile(file)).toThrow(
      expect.objectContaining({
        _tag: "StoreFault",
        reason: "read-only",
        message: `the audit index \`${file}\` cannot be written: its folder must be writable`,
        cause: expect.objectContaining({ code: "ENOENT" }),
      }),
    )
  })
})

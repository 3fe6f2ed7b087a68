/** What a file has beside its rows is judged too: its schema to the letter, its indexes, and how far rows were removed. */
import Database from "better-sqlite3"
import { Effect } from "effect"
import { beforeEach, describe, expect, it } from "vitest"
import { bytesOfHash, openBetterSqlite3, openNodeSqlite, toStored, type OpenSqlite } from "../../../src/log/index.ts"
import { ROW_RETENTION_MILLIS } from "../../../src/log/Rebuild.ts"
import { MAX_CLOCK_LAG_MILLIS } from "../../../src/log/Transaction.ts"
import { onFile, openOn, temporaryFile } from "../Connections.ts"
import {
  append,
  appending,
  at,
  codeIssued,
  disabled,
  fill,
  proposed,
  signedOut,
  tallyTable,
  type TestStore,
} from "../Samples.ts"

const run = Effect.runPromise

const drivers: ReadonlyArray<readonly [string, OpenSqlite]> = [
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
]

const REBUILD = /: run grantlog rebuild$/

/** What was done to a file, what is said of it, and whether a rebuild puts it right. */
const disposable: ReadonlyArray<readonly [string, RegExp]> = [
  [
    "CREATE TRIGGER t AFTER INSERT ON entries BEGIN DELETE FROM tally; END",
    /trigger `t` on `entries` is not grantlog's/,
  ],
  [
    "CREATE TRIGGER t AFTER INSERT ON tally BEGIN UPDATE tally SET entry_count = 9; END",
    /trigger `t` on `tally` is not grantlog's/,
  ],
  ["CREATE TRIGGER t AFTER UPDATE ON accounts BEGIN SELECT 1; END", /trigger `t` on `accounts`/],
  ['CREATE TRIGGER "a""b\u001b[2J" AFTER UPDATE ON sessions BEGIN SELECT 1; END', /trigger `a"b\?\[2J` on `sessions`/],
  ["CREATE VIEW v AS SELECT * FROM tally", /view `v` on `v` is not grantlog's/],
  ["CREATE INDEX extra ON tally (entry_count)", /index `extra` on `tally` is not grantlog's/],
  ["CREATE INDEX extra ON accounts (display_name)", /index `extra` on `accounts` is not/],
  ["DROP INDEX tally_by_died_at_stream", /index `tally_by_died_at_stream` on `tally` is missing/],
  ["DROP INDEX claims_by_until", /index `claims_by_until` on `claims` is missing/],
  [
    "DROP INDEX sessions_by_subject_id; CREATE INDEX sessions_by_subject_id ON sessions (subject_id) WHERE 0",
    /index `sessions_by_subject_id` on `sessions` is not as/,
  ],
  [
    "DROP INDEX tally_by_died_at_stream; CREATE INDEX tally_by_died_at_stream ON tally (died_at, stream COLLATE NOCASE)",
    /index `tally_by_died_at_stream` on `tally` is not as/,
  ],
  ["ALTER TABLE tally ADD COLUMN more TEXT", /table `tally` is not as grantlog makes it/],
  ["ALTER TABLE tally ADD COLUMN more TEXT GENERATED ALWAYS AS (stream || 'x') VIRTUAL", /table `tally` is not as/],
  [
    "DROP TABLE tally; CREATE TABLE tally (stream PRIMARY KEY, entry_count, died_at); CREATE INDEX tally_by_died_at_stream ON tally (died_at, stream)",
    /table `tally` is not as/,
  ],
  ["DROP TABLE tally", /table `tally` is missing/],
  ["DROP TABLE tally; CREATE VIEW tally AS SELECT 'x' AS stream, 1 AS entry_count, 1 AS died_at", /view `tally`/],
  ["DROP TABLE issued; CREATE TABLE issued (digest TEXT COLLATE NOCASE, position INTEGER)", /table `issued` is not as/],
]

const lasting: ReadonlyArray<readonly [string, RegExp]> = [
  ["CREATE TABLE notes (n)", /^the table `notes` is not grantlog's: take it out of the file$/],
  ["CREATE TABLE rebuilt_tally (n); CREATE TABLE folded_tally (n)", /`rebuilt_tally` is not grantlog's: take it out/],
  ["ANALYZE", /table `sqlite_stat1` is not grantlog's: take it out of the file$/],
  [
    "ALTER TABLE accounts ADD COLUMN note TEXT",
    /^the table `accounts` is not as grantlog makes it: restore from a backup$/,
  ],
  [
    "ALTER TABLE claims ADD COLUMN note TEXT",
    /^the table `claims` is not as grantlog makes it: restore from a backup$/,
  ],
  ["PRAGMA user_version = 99", /^the file's user_version is not \d+: restore from a backup$/],
  ["PRAGMA application_id = 99", /^the file's application_id is not \d+: restore from a backup$/],
]

describe.each(drivers)("a file over %s", (_, open) => {
  let file: string
  let log: TestStore
  let before: string
  const contents = async () => JSON.stringify([await run(log.dump(tallyTable)), await run(log.readAll(0, 100))])
  const edit = (sql: string) => onFile(file, open, (driver) => driver.exec(sql))

  beforeEach(async () => {
    file = temporaryFile()
    log = openOn(file, open).log
    await append(log, appending(0, [codeIssued("code-1")]))
    await fill(log, "x", 20, disabled)
    await run(log.prune(at(5)))
    before = await contents()
  })

  it("that nobody touched has nothing wrong with it", async () => {
    const right = { differingRowCount: 0, faults: [] }
    expect(await run(log.compareRows())).toMatchObject(right)
    expect(await run(log.rebuild())).toMatchObject(right)
  })

  it.each(disposable)("whose schema is another is found out, and a rebuild puts it right: %s", async (sql, told) => {
    edit(sql)
    const { faults, differingRowCount } = await run(log.compareRows())
    expect(faults.join("\n")).toMatch(told)
    for (const fault of faults) expect(fault).toMatch(REBUILD)
    // Rows in a schema that is wrong are not looked at.
    expect(differingRowCount).toBe(0)
    expect((await run(log.rebuild())).faults).toEqual(faults)
    expect(await run(log.compareRows())).toMatchObject({ differingRowCount: 0, faults: [] })
    expect(await contents()).toBe(before)
  })

  it.each(lasting)("whose schema is another in what holds something is found out, and left: %s", async (sql, told) => {
    edit(sql)
    for (let time = 0; time < 2; time++) {
      const { faults } = await run(log.compareRows())
      expect(
        faults.some((fault) => told.test(fault)),
        faults.join("\n"),
      ).toBe(true)
      expect(await run(log.rebuild())).toMatchObject({ faults })
    }
    expect(await contents()).toBe(before)
  })

  it("whose index does not say what its table does is found out, and a rebuild puts it right", async () => {
    // The index is out of sight while a row comes, and then back where it was.
    const name = "sessions_by_subject_id"
    const database = new Database(file).unsafeMode(true)
    database.pragma("writable_schema = ON")
    database.exec(`CREATE TEMP TABLE hidden AS SELECT * FROM sqlite_schema WHERE name = '${name}'`)
    database.exec(`DELETE FROM sqlite_schema WHERE name = '${name}'`)
    database.pragma("writable_schema = RESET")
    database.exec("INSERT INTO sessions VALUES ('digest', 'sub_x', 1, 1, 1, NULL)")
    database.pragma("writable_schema = ON")
    database.exec("INSERT INTO sqlite_schema SELECT * FROM hidden")
    database.close()
    const reopened = openOn(file, open).log
    const { faults } = await run(reopened.compareRows())
    expect(faults.join("\n")).toMatch(
      /^the file is damaged: .*sessions_by_subject_id; run grantlog rebuild, or restore/,
    )
    expect((await run(reopened.rebuild())).faults).toEqual(faults)
    expect(await run(reopened.compareRows())).toMatchObject({ differingRowCount: 0, faults: [] })
  })

  it.each(["entries", "claims", "accounts", "sessions"])("that lacks the table %s is not opened", async (name) => {
    await run(log.close)
    edit(`DROP TABLE ${name}`)
    expect(() => openOn(file, open)).toThrow(
      expect.objectContaining({
        reason: "corrupt",
        message: expect.stringMatching(`^the table \`${name}\` is missing: stop`),
      }),
    )
  })

  it("that has an entry at no position of the log is found out", async () => {
    const event = { ...proposed(signedOut("hidden")), stream: "subject-sub_hidden", version: 1, recordedAt: at(0) }
    const { bytes, leaf } = toStored({ ...event, position: -1 })
    onFile(file, open, (driver) =>
      driver
        .prepare("INSERT INTO entries VALUES (-1, 'subject-sub_hidden', 1, ?, ?, ?)")
        .run(at(0), bytes, bytesOfHash(leaf)),
    )
    const faults = ["of 22 entries 1 stand at no position of the log: restore from a backup"]
    expect(await run(log.compareRows())).toMatchObject({ faults })
    expect(await run(log.rebuild())).toMatchObject({ faults })
  })

  it("whose notes on its tables name another is not made to drop it", async () => {
    edit("INSERT INTO projections VALUES ('accounts', 'x'), ('tally; DROP TABLE sessions', 'y')")
    expect(await run(log.compareRows())).toMatchObject({ differingRowCount: 2, firstDiffering: "projections accounts" })
    edit("UPDATE projections SET definition = 'x' WHERE name = 'tally'")
    const again = openOn(file, open).log
    expect(await run(again.compareRows())).toMatchObject({ differingRowCount: 0, faults: [] })
    expect(await contents()).toBe(before)
  })

  describe("its bound of what was removed", () => {
    const impossible = [
      "rows are said to be removed up to a death whose rows cannot be gone yet by the clock: set it, or run grantlog rebuild",
    ]
    const left = () => run(log.dump(tallyTable)).then((rows) => rows.map((row) => String(row["stream"])).sort())
    const set = (diedAt: string, id = "subject-sub_x-5") =>
      edit(`UPDATE pruned SET died_at = ${diedAt}, id = '${id}' WHERE name = 'rows'`)

    it.each([
      ["in the future", `${at(10 ** 12)}`],
      ["at the newest entry", `${at(19)}`],
      ["that no number says", "9223372036854775807"],
    ])("%s is not believed, and a rebuild removes nothing that may be alive by it", async (_name, diedAt) => {
      const alive = appending(0, [signedOut("alive")], { at: at(19) })
      await append(log, alive)
      set(diedAt)
      const { faults, differingRowCount } = await run(log.compareRows())
      expect([faults, differingRowCount > 0]).toEqual([impossible, true])
      expect(await run(log.rebuild())).toMatchObject({ faults: impossible })
      expect(await left()).toEqual(["grant-grant00000000000000000", "subject-sub_alive", "subject-sub_x-19"])
      expect(await run(log.compareRows())).toMatchObject({ differingRowCount: 0, faults: [] })
    })

    it.each([
      ["set back", "pruned rows", () => set(`${at(2)}`, "subject-sub_x-2")],
      ["set forward", "subject-sub_x-6", () => set(`${at(6)}`, "subject-sub_x-6")],
      ["set to nobody's death", "pruned rows", () => set(`${at(5)}`, "subject-sub_x-50")],
      ["taken out", "subject-sub_x-0", () => edit("DELETE FROM pruned")],
      ["joined by another", "pruned other", () => edit(`INSERT INTO pruned VALUES ('other', 1, 'x')`)],
    ])("that was %s is a difference, and is right after a rebuild", async (_name, __, forge) => {
      forge()
      const { differingRowCount } = await run(log.compareRows())
      expect(differingRowCount).toBeGreaterThan(0)
      await run(log.rebuild())
      expect(await run(log.compareRows())).toMatchObject({ differingRowCount: 0, faults: [] })
    })

    it("is held against the clock of who judges: what died lately is kept for a while", async () => {
      const dead = at(5)
      const judged = (now: number) => run(log.compareRows({ now }))
      const earliest = dead + ROW_RETENTION_MILLIS - MAX_CLOCK_LAG_MILLIS
      expect(await judged(earliest - 1)).toMatchObject({ faults: impossible })
      expect(await judged(earliest)).toMatchObject({ differingRowCount: 0, faults: [] })
      expect(await run(log.rebuild({ now: earliest }))).toMatchObject({ differingRowCount: 0 })
      // By a clock that says that nothing can be gone, everything is put back; it is dead all the same.
      expect(await run(log.rebuild({ now: at(0) }))).toMatchObject({ faults: impossible })
      expect(await left()).toHaveLength(21)
      expect(await judged(at(0))).toMatchObject({ differingRowCount: 0, faults: [] })
    })
  })
})

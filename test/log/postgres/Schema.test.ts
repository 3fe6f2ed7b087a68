/** What a schema in PostgreSQL has beside its rows is judged too: to the letter, and put right where it holds nothing. */
import { Effect } from "effect"
import { beforeEach, describe, expect, it } from "vitest"
import { append, appending, codeIssued, fill, tallyTable, type TestStore } from "../Samples.ts"
import { ask, newSchema, openIn, openLasting, postgres } from "./Schemas.ts"

const run = Effect.runPromise

const nothing = "LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$"

/** What is done to a schema `%`, what is said of it, and that a rebuild puts it right. */
const disposable: ReadonlyArray<readonly [string, RegExp]> = [
  [
    `CREATE FUNCTION %.f() RETURNS trigger ${nothing}; CREATE TRIGGER t BEFORE DELETE ON %.tally FOR EACH ROW EXECUTE FUNCTION %.f()`,
    /^the trigger `t` on `tally` is not grantlog's/,
  ],
  [
    `CREATE RULE "a""b" AS ON DELETE TO %.accounts DO INSTEAD NOTHING`,
    /^the rule `a"b` on `accounts` is not grantlog's/,
  ],
  ["CREATE VIEW %.v AS SELECT * FROM %.tally", /^the view `v` on `v` is not grantlog's/],
  ["CREATE INDEX extra ON %.accounts (display_name)", /^the index `extra` on `accounts` is not grantlog's/],
  ["DROP INDEX %.claims_by_until", /^the index `claims_by_until` on `claims` is missing/],
  [
    "DROP INDEX %.sessions_by_subject_id; CREATE INDEX sessions_by_subject_id ON %.sessions (subject_id) WHERE false",
    /^the index `sessions_by_subject_id` on `sessions` is not as/,
  ],
  ["ALTER TABLE %.issued DROP CONSTRAINT issued_pkey", /^the index `issued_pkey` on `issued` is missing/],
  [
    "ALTER TABLE %.claims ADD CONSTRAINT early CHECK (until > 0)",
    /^the constraint `early` on `claims` is not grantlog's/,
  ],
  ["ALTER TABLE %.tally ADD COLUMN more text", /^the table `tally` is not as grantlog makes it/],
  ["ALTER TABLE %.tally ENABLE ROW LEVEL SECURITY", /^the table `tally` is not as/],
  ["ALTER TABLE %.tally ALTER COLUMN entry_count SET DEFAULT 9", /^the table `tally` is not as/],
  ['ALTER TABLE %.issued ALTER COLUMN digest TYPE text COLLATE "POSIX"', /^the table `issued` is not as/],
  ["DROP TABLE %.tally", /the table `tally` is missing/],
  [
    "DROP TABLE %.tally; CREATE VIEW %.tally AS SELECT 'x' AS stream, 1 AS entry_count, 1 AS died_at",
    /the view `tally`/,
  ],
]

/** The same of what holds something, which is left as it is. */
const lasting: ReadonlyArray<readonly [string, RegExp]> = [
  ["CREATE TABLE %.notes (n int)", /^the table `notes` is not grantlog's: take it out of the schema$/],
  ["ALTER TABLE %.accounts ADD COLUMN note text", /^the table `accounts` is not as .*: restore from a backup$/],
  [
    "ALTER TABLE %.entries ALTER COLUMN leaf DROP NOT NULL",
    /^the table `entries` is not as .*: restore from a backup$/,
  ],
  ["CREATE TABLE %.more () INHERITS (%.entries)", /^the table `entries` is not as .*: restore from a backup$/],
]

describe.runIf(postgres !== undefined)("a schema", () => {
  let schema: string
  let log: TestStore
  let before: string
  const contents = async () => JSON.stringify([await run(log.dump(tallyTable)), await run(log.readAll(0, 100))])
  const edit = (sql: string) => ask(`SELECT 1; ${sql.replaceAll("%", schema)}`)

  beforeEach(async () => {
    schema = newSchema()
    log = openIn(schema, { open: openLasting(0) })
    await append(log, appending(0, [codeIssued("code-1")]))
    await fill(log, "x", 20)
    before = await contents()
  })

  it.each(disposable)("that is another is found out, and a rebuild puts it right: %s", async (sql, told) => {
    await edit(sql)
    const { faults, differingRowCount } = await run(log.compareRows())
    expect(
      faults.some((fault) => told.test(fault)),
      faults.join("\n"),
    ).toBe(true)
    for (const fault of faults) expect(fault).toMatch(/: run grantlog rebuild$/)
    // Rows in a schema that is wrong are not looked at.
    expect(differingRowCount).toBe(0)
    expect((await run(log.rebuild())).faults).toEqual(faults)
    expect(await run(log.compareRows())).toMatchObject({ entryCount: 21, differingRowCount: 0, faults: [] })
    expect(await contents()).toBe(before)
  })

  it.each(lasting)("that is another in what holds something is found out, and left: %s", async (sql, told) => {
    await edit(sql)
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
})

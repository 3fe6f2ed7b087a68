/** What goes wrong between an instance and its database: nothing is done twice, and nothing acknowledged is lost. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { openPostgres, type OpenPostgres } from "../../../src/log/postgres/Connections.ts"
import { migrations, VERSION } from "../../../src/log/postgres/Migrations.ts"
import { append, appendOne, appending, disabled, signedOut, tally, tallyTable, type TestStore } from "../Samples.ts"
import { openProxy } from "./Proxy.ts"
import { ask, hooked, newSchema, openIn, postgres, type Hook } from "./Schemas.ts"

const run = Effect.runPromise

/** Gives up at the first failure. */
const impatient: OpenPostgres = (url, readerCount) => openPostgres(url, readerCount, 1)

const positionsOf = async (log: TestStore) => (await run(log.readAll(0, 10_000))).map(({ position }) => position)

const isRight = async (log: TestStore, entryCount: number) => {
  expect(await positionsOf(log)).toEqual(Array.from({ length: entryCount }, (_, position) => position))
  expect(await run(log.compareRows())).toMatchObject({ entryCount, differingRowCount: 0, faults: [] })
}

/** As if the answer had been lost. */
const lost = () => Promise.reject(Object.assign(new Error("lost"), { code: "CONNECTION_CLOSED" })) as Promise<never>

type Go = Parameters<Hook>[1]

/** Makes the server refuse a statement with a code of its own. */
const refusing = (code: string): string => `DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '${code}'; END $$`

/** Does something else instead of the n-th statement that matches. */
const insteadOf = (pattern: RegExp, instead: (go: Go) => Promise<never>, nth = 1): Hook => {
  let count = 0
  return (sql, go) => (pattern.test(sql) && ++count === nth ? instead(go) : go())
}

describe.runIf(postgres !== undefined)("in PostgreSQL", () => {
  const statements = [
    ["the lock of the head", /FOR UPDATE/],
    ["what is read of the streams", /^SELECT \(SELECT json_agg/],
    ["the entries", /INSERT INTO \w+\.entries/],
    ["the head", /UPDATE \w+\.head/],
    ["what is told to others", /pg_notify/],
    ["the rows", /INSERT INTO \w+\.tally/],
    ["COMMIT", /COMMIT$/],
  ] as const

  it.each(statements)("an append whose connection is cut before %s is made once, on another", async (_, pattern) => {
    const proxy = await openProxy()
    let isArmed = false
    const hook = insteadOf(pattern, (go) => {
      proxy.cut()
      return go()
    })
    const open = hooked((sql, go) => (isArmed ? hook(sql, go) : go()))
    const log = openIn(newSchema(), { open }, proxy.url)
    await appendOne(log, appending(0, [signedOut("alice")]))
    isArmed = true
    const outcomes = await append(log, appending(1, [signedOut("alice")]), appending(0, [signedOut("bob")]))
    expect(outcomes).toEqual([
      { _tag: "Appended", position: 1, version: 2 },
      { _tag: "Appended", position: 2, version: 1 },
    ])
    await isRight(log, 3)
  })

  describe("an append whose connection is lost with COMMIT", () => {
    it("is found to be made, and is not made again", async () => {
      const proxy = await openProxy()
      const schema = newSchema()
      const witness = openIn(schema)
      const locks: Array<string> = []
      const atCommit = insteadOf(
        /COMMIT$/,
        async (go) => {
          proxy.setDeaf(true)
          const answer = go()
          // It has been committed when somebody else sees it.
          while ((await run(witness.head)).size === 1);
          proxy.setDeaf(false)
          proxy.cut()
          return answer
        },
        2,
      )
      const open = hooked((sql, go) => {
        if (sql.includes("FOR UPDATE")) locks.push(sql)
        return atCommit(sql, go)
      })
      const log = openIn(schema, { open }, proxy.url)
      await run(witness.head)
      await appendOne(log, appending(0, [signedOut("carol")]))
      const outcomes = await append(log, appending(0, [signedOut("alice")]), appending(1, [signedOut("bob")]))
      expect(outcomes).toEqual([
        { _tag: "Appended", position: 1, version: 1 },
        { _tag: "WrongExpectedVersion", actual: 0 },
      ])
      // One for each append, and one to settle the lost one.
      expect(locks).toHaveLength(3)
      await isRight(log, 2)
    })

    it("waits for the lost transaction, and is Unknown only where that cannot be found out", async () => {
      let lockCount = 0
      const open = hooked((sql, go) => {
        if (sql.endsWith("COMMIT") && lockCount > 0) return go().then(lost)
        // The head cannot be had to settle it.
        if (sql.includes("FOR UPDATE") && lockCount++ === 1) return go(refusing("53200"))
        return go()
      })
      const log = openIn(newSchema(), { open })
      const [first] = await append(log, appending(0, [signedOut("alice")]))
      expect(first).toMatchObject({ _tag: "Unknown", message: expect.stringMatching(/^nobody knows whether/) })
      // It was made all the same, and nobody has made it twice.
      await isRight(log, 1)
    })

    it("that was only to claim something is Unknown, for nothing names it", async () => {
      const open = hooked((sql, go) => (sql.endsWith("COMMIT") ? go().then(lost) : go()))
      const log = openIn(newSchema(), { open })
      const claims = [{ key: "jti", until: 5 }]
      expect(await appendOne(log, appending(0, [], { claims }))).toMatchObject({ _tag: "Unknown" })
    })
  })

  describe("what the server refuses", () => {
    it.each([["of a batch, is that caller's alone", "jti\0", ["Appended", "Rejected", "Appended"]]])(
      "%s",
      async (_, key, tags) => {
        const log = openIn(newSchema())
        const outcomes = await append(
          log,
          appending(0, [signedOut("alice")]),
          appending(0, [signedOut("bob")], { claims: [{ key, until: 1 }] }),
          appending(0, [signedOut("carol")]),
        )
        expect(outcomes.map(({ _tag }) => _tag)).toEqual(tags)
        await isRight(log, 2)
      },
    )

    it.each([
      ["a full disk", "53100", { reason: "full", message: expect.stringContaining("make room") }],
      ["a read-only server", "25006", { reason: "read-only", message: expect.stringContaining("name the primary") }],
      [
        "a pooler without prepared statements",
        "26000",
        { reason: "locked", message: expect.stringContaining("?prepare=false") },
      ],
      ["a lock that is not had in time", "55P03", { reason: "busy", message: expect.stringContaining("try again") }],
    ])("for %s is told to all of a batch, and nothing of it is written", async (_, code, fault) => {
      const open = hooked(insteadOf(/INSERT INTO \w+\.entries/, (go) => go(refusing(code))))
      const log = openIn(newSchema(), { open })
      const outcomes = await append(log, appending(0, [signedOut("alice")]), appending(0, [signedOut("bob")]))
      for (const outcome of outcomes) expect(outcome).toMatchObject({ _tag: "Rejected", ...fault })
      expect(await appendOne(log, appending(0, [signedOut("alice")]))).toMatchObject({ _tag: "Appended", position: 0 })
      await isRight(log, 1)
    })

    it.each(["40001", "40P01"])("for a conflict (%s) is tried again", async (code) => {
      const open = hooked(insteadOf(/INSERT INTO \w+\.tally/, (go) => go(refusing(code))))
      const log = openIn(newSchema(), { open })
      const outcomes = await append(log, appending(0, [signedOut("alice")]), appending(0, [signedOut("bob")]))
      expect(outcomes.map(({ _tag }) => _tag)).toEqual(["Appended", "Appended"])
      await isRight(log, 2)
    })

    it("for want of connections is told, and the next who asks is answered again", async () => {
      const role = newSchema()
      await ask(`CREATE ROLE ${role} LOGIN SUPERUSER; ALTER ROLE ${role} NOSUPERUSER CONNECTION LIMIT 0`)
      await ask(`GRANT CREATE ON DATABASE postgres TO ${role}`)
      const url = new URL(postgres!)
      url.username = role
      const log = openIn(newSchema(), { open: impatient }, url.href)
      const crowded = { reason: "busy", message: expect.stringContaining("no connection left") }
      expect(await appendOne(log, appending(0, [signedOut("alice")]))).toMatchObject({ _tag: "Rejected", ...crowded })
      await expect(run(log.head)).rejects.toMatchObject(crowded)
      await ask(`ALTER ROLE ${role} CONNECTION LIMIT 5`)
      expect(await appendOne(log, appending(0, [signedOut("alice")]))).toMatchObject({ _tag: "Appended" })
    })
  })

  it.each([
    ["postgres://someone:s3cret@127.0.0.1:1/db", /cannot be reached/],
    ["postgres://someone:s3cret@127.0.0.1:port/db", /cannot be read: write it as/],
  ])("the password of an address is in nothing that is told: %s", async (url, message) => {
    const log = openIn(newSchema(), { open: impatient }, url)
    const fault = await run(Effect.flip(log.head))
    expect(fault.message).toMatch(message)
    const outcome = await appendOne(log, appending(0, [signedOut("alice")]))
    expect(outcome).toMatchObject({ _tag: "Rejected", message: fault.message })
    const causes = [fault, outcome].map((one) => String((one as { cause?: unknown }).cause))
    expect(JSON.stringify([fault, outcome, causes])).not.toContain("s3cret")
  })

  describe("a schema", () => {
    it("of a newer grantlog is refused, and so is every append once one has changed it", async () => {
      const schema = newSchema()
      const log = openIn(schema)
      await appendOne(log, appending(0, [signedOut("alice")]))
      await ask(`UPDATE ${schema}.head SET needs = ${VERSION + 1}`)
      const newer = { reason: "newer", message: expect.stringContaining("upgrade") }
      expect(await appendOne(log, appending(1, [signedOut("alice")]))).toMatchObject({ _tag: "Rejected", ...newer })
      await expect(run(openIn(schema).head)).rejects.toMatchObject(newer)
      expect(await positionsOf(log)).toEqual([0])
    })

    it("to which something was added goes on being written by instances that know nothing of it", async () => {
      const schema = newSchema()
      const log = openIn(schema)
      await appendOne(log, appending(0, [signedOut("alice")]))
      await ask(`ALTER TABLE ${schema}.claims ADD COLUMN note text; UPDATE ${schema}.head SET schema = ${VERSION + 1}`)
      const claims = [{ key: "jti", until: 1 }]
      expect(await appendOne(log, appending(1, [signedOut("alice")], { claims }))).toMatchObject({ _tag: "Appended" })
      await isRight(openIn(schema), 2)
    })

    it("of another program is refused and left as it is", async () => {
      const schema = newSchema()
      await ask(`CREATE SCHEMA ${schema}; CREATE TABLE ${schema}.photos (id int)`)
      const message = expect.stringContaining("holds tables of another program")
      await expect(run(openIn(schema).head)).rejects.toMatchObject({ reason: "not-a-log", message })
      const left = await ask(`SELECT 1; SELECT tablename FROM pg_tables WHERE schemaname = '${schema}'`)
      expect(left.map((row) => row["tablename"])).toEqual(["photos"])
    })

    it("whose making fails is not there at all, and is made by the next who asks", async () => {
      const schema = newSchema()
      const open = hooked(insteadOf(/INSERT INTO \w+\.projections/, (go) => go(refusing("53100"))))
      const log = openIn(schema, { open })
      await expect(run(log.head)).rejects.toMatchObject({ reason: "full" })
      expect(await ask(`SELECT 1; SELECT 1 FROM pg_namespace WHERE nspname = '${schema}'`)).toEqual([])
      expect(await appendOne(log, appending(0, [signedOut("alice")]))).toMatchObject({ _tag: "Appended" })
      expect(migrations).toHaveLength(VERSION)
    })

    it("whose rows were described otherwise has them folded anew", async () => {
      const schema = newSchema()
      await appendOne(openIn(schema), appending(0, [signedOut("alice"), disabled("alice")]))
      const wider = { ...tallyTable, indexes: [...tallyTable.indexes, ["entry_count"]] }
      const log = openIn(schema, { projection: { ...tally, tables: [wider] } })
      expect(await run(log.dump(wider))).toMatchObject([{ stream: "subject-sub_alice", entry_count: 2 }])
      await isRight(log, 2)
    })
  })
})

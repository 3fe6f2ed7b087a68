/**
 * What can be wrong with a file, and what is said of it: never half an answer, always a sentence that says what to do.
 *
 * A full disk and a failing commit are in `sql/Commit.test.ts`, somebody else who writes in `SqliteLog.test.ts`.
 */
import { fork } from "node:child_process"
import { once } from "node:events"
import { chmodSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { StoreFault, makeSqliteLog, openBetterSqlite3, openNodeSqlite, type OpenSqlite } from "../../src/log/index.ts"
import { migrate, migrations } from "../../src/log/sql/Migrations.ts"
import { onFile, openOn, temporaryFile } from "./Connections.ts"
import type { OpeningReport } from "./OpeningProcess.ts"
import { appendOne, appending, epochRaised, fill, signedOut, tally, type TestStore } from "./Samples.ts"
import { rowsByHand } from "./RowsByHand.ts"

const run = Effect.runPromise

const drivers: ReadonlyArray<readonly [string, OpenSqlite]> = [
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
]

const fault = (reason: StoreFault["reason"], message: RegExp) =>
  expect.objectContaining({ reason, message: expect.stringMatching(message) })

/** A closed file, all in one piece, that holds `entryCount` entries after a first one that can be told apart. */
const closedFile = async (open: OpenSqlite, entryCount: number): Promise<string> => {
  const file = temporaryFile()
  const { log } = openOn(file, open)
  await appendOne(log, appending(0, [epochRaised("the-first-of-all")]))
  await fill(log, "x", entryCount)
  await run(log.close)
  return file
}

/** Flips one bit of the text wherever it stands: SQLite leaves old copies behind in pages that it rearranged. */
const flip = (file: string, text: string) => {
  const bytes = readFileSync(file)
  const first = bytes.indexOf(text)
  expect(first).toBeGreaterThan(0)
  for (let at = first; at >= 0; at = bytes.indexOf(text, at + 1)) bytes[at + 1]! ^= 1
  writeFileSync(file, bytes)
}

const edit = (file: string, sql: string) => onFile(file, openNodeSqlite, (driver) => driver.exec(sql))

describe.each(drivers)("over %s,", (_, open) => {
  const opening = (file: string) => () => makeSqliteLog(file, { projection: tally, side: rowsByHand, open })

  describe("an entry", () => {
    const refusal = fault(
      "corrupt",
      /^entry 0 is not .*: its (columns and its bytes|bytes and its hash) disagree; stop, .* backup$/,
    )

    const isRefused = async (log: TestStore) => {
      await expect(run(log.readAll(0))).rejects.toEqual(refusal)
      await expect(run(log.rebuild())).rejects.toEqual(refusal)
      expect(await run(log.readAll(1))).toHaveLength(150)
    }

    it("with a flipped byte is refused wherever it is read, and the others are read as before", async () => {
      const file = await closedFile(open, 150)
      flip(file, '"the-first-of-all"')
      expect(onFile(file, open, (driver) => driver.prepare("PRAGMA integrity_check").get())).toMatchObject({
        integrity_check: "ok",
      })
      const { log } = openOn(file, open)
      await isRefused(log)
      await expect(run(log.readStream("issuer"))).rejects.toEqual(refusal)
    })

    it.each([
      ["UPDATE entries SET recorded_at = recorded_at - 1 WHERE position = 0"],
      ["UPDATE entries SET stream = 'subject-sub_x' WHERE position = 0"],
      ["UPDATE entries SET version = 2 WHERE position = 0"],
      ["UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE position = 1) WHERE position = 0"],
      [`UPDATE entries SET (bytes, leaf) = (SELECT bytes, leaf FROM entries WHERE position = 1) WHERE position = 0`],
    ])("whose columns do not fit is refused: %s", async (sql) => {
      const file = await closedFile(open, 150)
      edit(file, sql)
      await isRefused(openOn(file, open).log)
    })

    it("that was taken out is missed by whoever reads past it", async () => {
      const file = await closedFile(open, 150)
      edit(file, "DELETE FROM entries WHERE position = 5")
      const { log } = openOn(file, open)
      const missing = fault("corrupt", /^an entry is missing before entry 6; stop/)
      await expect(run(log.readAll(0))).rejects.toEqual(missing)
      await expect(run(log.readAll(5))).rejects.toEqual(missing)
      await expect(run(log.rebuild())).rejects.toEqual(missing)
      expect(await run(log.readAll(6))).toHaveLength(145)
    })

    it("that was taken out of a stream is missed by whoever reads the stream", async () => {
      const file = temporaryFile()
      const { log, connection } = openOn(file, open)
      await appendOne(log, appending(0, [signedOut("alice"), signedOut("alice"), signedOut("alice")]))
      connection.exec("DELETE FROM entries WHERE position = 1")
      await expect(run(log.readStream("subject-sub_alice"))).rejects.toEqual(fault("corrupt", /missing before entry 2/))
      expect(await run(log.readStream("subject-sub_alice", 2))).toHaveLength(1)
    })

    it("among the last hundred that was changed stops the start", async () => {
      const file = await closedFile(open, 99)
      edit(file, "UPDATE entries SET bytes = replace(bytes, 'first', 'worst') WHERE position = 0")
      expect(opening(file)).toThrow(fault("corrupt", /^entry 0 is not what was recorded: .*; stop/))
    })
  })

  describe("a file", () => {
    it("that was cut off is refused when it is opened, or when what is missing is read", async () => {
      const file = await closedFile(open, 1000)
      const { size } = statSync(file)
      for (const left of [size - 4096, size >> 1, 8192, 4096, 1000]) {
        truncateSync(file, left)
        const everything = async () => {
          const { log } = openOn(file, open)
          for (let position = 0; ; position += 512) if ((await run(log.readAll(position))).length < 512) break
          await run(log.rebuild())
        }
        await expect(everything()).rejects.toEqual(
          expect.objectContaining({
            reason: expect.stringMatching(/^corrupt$|^not-a-log$/),
            message: expect.stringMatching(/restore from a backup|check its path/),
          }),
        )
      }
    })

    it("that is no database is refused and left as it is", () => {
      const file = temporaryFile()
      const text = "a diary, not a database; ".repeat(100)
      writeFileSync(file, text)
      expect(opening(file)).toThrow(fault("not-a-log", /^the file is not a database: check its path$/))
      expect(readFileSync(file, "utf8")).toBe(text)
    })

    it("of another program is refused and left as it is, byte for byte", () => {
      const file = temporaryFile()
      edit(file, "CREATE TABLE photos (id INTEGER); PRAGMA user_version = 1")
      const before = readFileSync(file)
      expect(opening(file)).toThrow(fault("not-a-log", /^the file is a database of another program: check its path$/))
      expect(readFileSync(file).equals(before)).toBe(true)
    })

    it("from a newer grantlog is refused and left as it is", async () => {
      const file = await closedFile(open, 3)
      const newer = migrations.length + 1
      edit(file, `PRAGMA user_version = ${newer}`)
      const before = readFileSync(file)
      expect(opening(file)).toThrow(
        fault("newer", new RegExp(`^the file has schema ${newer}, .* knows ${migrations.length}: upgrade grantlog$`)),
      )
      expect(readFileSync(file).equals(before)).toBe(true)
    })

    it("in a folder that is not there is refused", () => {
      expect(opening(`${temporaryFile()}/none/log.sqlite`)).toThrow(
        fault("read-only", /^the database file cannot be opened: check its path and the permissions of its folder$/),
      )
    })
  })

  describe("a schema", () => {
    const made = (version: number) =>
      [...migrations, "ALTER TABLE entries ADD COLUMN note TEXT", "CREATE TABLE extra (n INTEGER)"].slice(0, version)
    const versionIn = (file: string) =>
      onFile(file, open, (driver) => driver.prepare("PRAGMA user_version").get()?.["user_version"])

    it("is brought forward over every step it lacks, and keeps what is there", async () => {
      const file = await closedFile(open, 3)
      for (const version of [migrations.length, migrations.length + 2]) {
        onFile(file, open, (driver) => migrate(driver, made(version)))
        expect(versionIn(file)).toBe(version)
      }
      const rows = onFile(file, open, (driver) => driver.prepare("SELECT position, note FROM entries").all())
      expect(rows.map((row) => [row["position"], row["note"]])).toEqual(
        [0, 1, 2, 3].map((position) => [position, null]),
      )
    })

    it("whose migration fails is what it was before, and says so", async () => {
      const file = await closedFile(open, 3)
      const failing = [...made(migrations.length + 1), "INSERT INTO nowhere VALUES (1)"]
      expect(() => onFile(file, open, (driver) => migrate(driver, failing))).toThrow(StoreFault)
      expect(versionIn(file)).toBe(migrations.length)
      const { log } = openOn(file, open)
      expect(await run(log.readAll(0))).toHaveLength(4)
      expect(() => onFile(file, open, (driver) => driver.prepare("SELECT note FROM entries"))).toThrow()
    })
  })
})

it("a file without write permission can be read at most, and whoever writes is told what it lacks", async () => {
  const [file, lockedIn] = [await closedFile(openNodeSqlite, 3), await closedFile(openNodeSqlite, 3)]
  chmodSync(file, 0o444)
  chmodSync(dirname(file), 0o777)
  chmodSync(lockedIn, 0o444)
  chmodSync(dirname(lockedIn), 0o555)
  const child = fork(fileURLToPath(new URL("OpeningProcess.ts", import.meta.url)), [file, lockedIn])
  const [reports] = (await once(child, "message")) as [ReadonlyArray<OpeningReport>]
  const message = expect.stringMatching(/^the database file cannot be (written|opened): .*permission/)
  expect(reports).toMatchObject(
    drivers.flatMap(([driver]) => [
      { file, driver, size: 4, outcome: { _tag: "Rejected", reason: "read-only", message } },
      { file: lockedIn, driver, fault: { reason: "read-only", message } },
    ]),
  )
})

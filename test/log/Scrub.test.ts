/** Scrubbing: what was deleted from a file, or replaced in it, is in none of its bytes. */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { openBetterSqlite3, openNodeSqlite, type Row } from "../../src/log/index.ts"
import { openOn, temporaryFile } from "./Connections.ts"
import type { TestStore } from "./Samples.ts"
import { accountTable } from "../../src/provider/AccountTables.ts"

const run = Effect.runPromise

const account = (name: string, displayName = "shown"): Row => ({
  name,
  subject_id: `sub_${Buffer.from(name).toString("base64url")}`,
  password_hash: null,
  created_at: 1,
  display_name: displayName,
})

const put = (log: TestStore, ...accounts: ReadonlyArray<Row>) =>
  run(log.side.write((rows) => accounts.forEach((one) => rows.put(accountTable, one))))

/** Which of the texts stand anywhere in a file of the folder. */
const found = (file: string, texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const bytes = Buffer.concat(readdirSync(dirname(file)).map((name) => readFileSync(join(dirname(file), name))))
  return texts.filter((text) => bytes.includes(text))
}

describe.each([
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
])("over %s", (_, open) => {
  it("no earlier name is left behind by an account that grew, moved between pages, and was removed", async () => {
    const file = temporaryFile()
    const { log } = openOn(file, open)
    onTestFinished(() => run(log.close))
    const names = Array.from({ length: 400 }, (_, index) => `person-${index}@example.org`)
    await put(log, ...names.map((name) => account(name)))
    // Larger than what fits beside others in a page, so that rows move and spill over.
    await put(log, account("Zoe Planted", "x".repeat(3000) + "Earlier Planted"))
    await put(log, account("Zoe Planted", "Later Planted"))
    await put(log, ...names.map((name, index) => account(name, "y".repeat(index % 300))))
    expect(found(file, ["Zoe Planted", "Later Planted"])).toEqual(["Zoe Planted", "Later Planted"])

    const gone = names.filter((_, index) => index % 3 > 0)
    await run(log.side.write((rows) => ["Zoe Planted", ...gone].forEach((name) => rows.delete(accountTable, [name]))))
    await run(log.scrub)
    expect(found(file, ["Zoe Planted", "Earlier Planted", "Later Planted", ...gone])).toEqual([])
    expect(await run(log.dump(accountTable))).toHaveLength(names.length - gone.length)
    expect(existsSync(`${file}-wal`) ? statSync(`${file}-wal`).size : 0).toBe(0)
  })

  it("what others delete in the file is overwritten as well, and they go on with it", async () => {
    const file = temporaryFile()
    const { log: first } = openOn(file, open)
    const { log: second } = openOn(file, open)
    onTestFinished(() => run(Effect.andThen(first.close, second.close)))
    await put(first, account("Zoe Planted"), account("kept"))
    await run(second.side.write((rows) => rows.delete(accountTable, ["Zoe Planted"])))
    await run(first.scrub)
    expect(found(file, ["Zoe Planted"])).toEqual([])
    await put(second, account("later"))
    expect((await run(first.dump(accountTable))).map(({ name }) => name)).toEqual(["kept", "later"])
  })

  it("waits for who still reads, and does it then", async () => {
    const file = temporaryFile()
    const { log } = openOn(file, open)
    onTestFinished(() => run(log.close))
    await put(log, account("Zoe Planted"))
    await run(log.side.write((rows) => rows.delete(accountTable, ["Zoe Planted"])))
    const reader = open(file)
    onTestFinished(reader.close)
    reader.exec("BEGIN")
    reader.prepare("SELECT count(*) FROM accounts").get()
    let isDone = false
    const scrubbed = run(log.scrub).then(() => (isDone = true))
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    expect(isDone).toBe(false)
    reader.exec("COMMIT")
    await scrubbed
    expect(found(file, ["Zoe Planted"])).toEqual([])
  })
})

/** A file from before is brought along: what its entries say stays as it is, and nobody sees where it came from. */
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { openBetterSqlite3, openNodeSqlite, type Store, type OpenSqlite } from "../../../src/log/index.ts"
import { sqliteStore } from "../../../src/provider/index.ts"
import vector from "../../../spec/vectors/stores/schema-5.json" with { type: "json" }
import { restoreFile } from "../../support/StoreVector.ts"
import { onFile, temporaryFolder } from "../Connections.ts"

const run = Effect.runPromise

const drivers: ReadonlyArray<readonly [string, OpenSqlite]> = [
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
]

/** What makes a file of schema 5 one of an earlier schema. */
const earlier: ReadonlyArray<readonly [schema: number, edit: string]> = [
  [2, "DROP TABLE subtrees"],
  [3, "INSERT INTO subtrees VALUES (1, 0, 'x'), (3, 1, 'x'), (5, 0, 'x')"],
  [5, "SELECT 1"],
]

describe.each(drivers)("over %s a file", (_, open) => {
  const restored = (edit: string): string => {
    const file = join(temporaryFolder(), "grantlog.db")
    restoreFile(file, vector.databases[""])
    onFile(file, open, (driver) => driver.exec(edit))
    return file
  }
  const opened = (file: string): Store => {
    const log = sqliteStore(file, { open })
    onTestFinished(() => run(log.close))
    return log
  }
  const contents = (file: string, sql: string) => onFile(file, open, (driver) => driver.prepare(sql).all())
  const text = (hash: unknown) => (hash instanceof Uint8Array ? Buffer.from(hash).toString("base64url") : hash)

  it.each(earlier)(
    "of schema %i has the same entries, hashes and tree afterwards, to the letter",
    async (schema, edit) => {
      const file = restored(`${edit}; PRAGMA user_version = ${schema}`)
      const entries = () => {
        const found = contents(
          file,
          "SELECT position, stream, version, recorded_at, bytes, leaf FROM entries ORDER BY position",
        )
        return found.map(({ leaf, ...rest }) => ({ ...rest, leaf: text(leaf) }))
      }
      const before = entries()
      const log = opened(file)
      expect(entries()).toEqual(before)
      const tree = contents(file, "SELECT level, place, hash FROM subtrees")
      const inserted = vector.databases[""].filter((sql) => sql.startsWith("INSERT INTO subtrees"))
      expect(
        tree.map(
          ({ level, place, hash }) =>
            `INSERT INTO subtrees VALUES (${String(level)}, ${String(place)}, '${String(text(hash))}')`,
        ),
      ).toEqual(inserted)
      expect(await run(log.compareRows())).toMatchObject({ differingRowCount: 0, faults: [] })
    },
  )

  it.each([
    [
      "a hash",
      "UPDATE entries SET leaf = (SELECT leaf FROM entries WHERE position = 1) WHERE position = 0",
      "entry 0 is not what was recorded",
    ],
    [
      "a byte",
      "UPDATE entries SET bytes = replace(bytes, 'operator', 'operater') WHERE position = 0",
      "entry 0 is not what was recorded",
    ],
    ["a place", "UPDATE entries SET position = -1 WHERE position = 0", "an entry is missing before entry 1"],
  ])("in which %s was another is found out afterwards as it was before", async (_what, edit, told) => {
    const read = async () => run(opened(restored(edit)).readAll(0))
    await expect(read()).rejects.toMatchObject({
      reason: "corrupt",
      message: expect.stringContaining(told),
    })
  })
})

/** Rows that are known answer like the file: after own writes, after those of others, and after what was given up. */
import { Effect } from "effect"
import fc from "fast-check"
import { describe, expect, it, onTestFinished } from "vitest"
import { knownRows } from "../../../src/log/sql/KnownRows.ts"
import { within } from "../../../src/log/sql/Commit.ts"
import { createTable } from "../../../src/log/sql/Definition.ts"
import { openNodeSqlite } from "../../../src/log/sql/NodeSqlite.ts"
import { sqliteRows } from "../../../src/log/sql/SqliteRows.ts"
import type { RowReader, RowWriter, Table } from "../../../src/log/index.ts"
import { applyChange, type RowChange } from "../../../src/log/Rows.ts"
import { hooked, temporaryFile } from "../Connections.ts"
import { append, appending, signedOut, tallyTable } from "../Samples.ts"
import { openOn } from "../Connections.ts"

const single: Table = { name: "single", columns: { id: "TEXT", value: "INTEGER" }, key: ["id"], indexes: [] }
const family: Table = {
  name: "family",
  columns: { parent: "BLOB", child: "BLOB", value: "INTEGER" },
  key: ["parent", "child"],
  indexes: [],
}

const opened = () => {
  const file = temporaryFile()
  const executed: Array<string> = []
  /** What others do just before a transaction begins. */
  const before: Array<() => void> = []
  const driver = hooked(openNodeSqlite, (sql, go) => {
    executed.push(sql)
    if (sql === "BEGIN") before.splice(0).forEach((act) => act())
    return go()
  })(file)
  driver.exec(`PRAGMA journal_mode = WAL; ${createTable(single)} ${createTable(family)}`)
  const other = openNodeSqlite(file)
  onTestFinished(() => {
    driver.close()
    other.close()
  })
  const rows = knownRows(driver, sqliteRows(driver))
  const write = (body: (rows: RowWriter) => void) => {
    within(driver, () => body(rows.writer))
    rows.committed()
  }
  return { executed, before, driver, rows, write, others: sqliteRows(other) }
}

const textBytes = (text: string) => new TextEncoder().encode(text)

const selects = (executed: ReadonlyArray<string>) => executed.filter((sql) => sql.startsWith("SELECT"))

describe("rows that are known", () => {
  it("are read once, and then answered from until somebody else writes", () => {
    const { executed, rows, write, others } = opened()
    write((writer) => writer.put(single, { id: "a", value: 1 }))
    const look = () => rows.read((reader) => [reader.get(single, ["a"])?.["value"], reader.get(single, ["b"])])
    expect(look()).toEqual([1, undefined])
    executed.length = 0
    expect(look()).toEqual([1, undefined])
    expect(executed).toEqual(["PRAGMA data_version"])
    others.put(single, { id: "b", value: 2 })
    expect(look()).toMatchObject([1, { value: 2 }])
    others.delete(single, ["a"])
    expect(look()).toMatchObject([undefined, { value: 2 }])
  })

  it("are known as they were written, once that is committed, and unknown where it was given up", () => {
    const { executed, driver, rows, write } = opened()
    const look = () => rows.read((reader) => reader.get(single, ["a"])?.["value"])
    expect(look()).toBeUndefined()
    write((writer) => writer.put(single, { id: "a", value: 1 }))
    write((writer) => writer.set(single, ["a"], { value: 2 }))
    executed.length = 0
    expect(look()).toBe(2)
    expect(selects(executed)).toEqual([])

    driver.exec("BEGIN IMMEDIATE")
    rows.writer.set(single, ["a"], { value: 3 })
    driver.exec("ROLLBACK")
    rows.abandoned()
    expect(look()).toBe(2)
    expect(selects(executed)).toHaveLength(1)
  })

  it("are of one moment, also where somebody else writes when it is known already that some have to be read", () => {
    const { before, rows, write, others } = opened()
    write((writer) => writer.put(single, { id: "a", value: 1 }))
    const look = () => rows.read((reader) => ["a", "b"].map((id) => reader.get(single, [id])?.["value"]))
    rows.read((reader) => reader.get(single, ["a"]))
    before.push(() => ["a", "b"].forEach((id) => others.put(single, { id, value: 2 })))
    expect(look()).toEqual([2, 2])
  })

  it("are those that were used lately, about 8 192 of a table", () => {
    const { executed, rows } = opened()
    const look = (id: string) => rows.read((reader) => reader.get(single, [id]))
    for (let index = 0; index < 8300; index++) {
      look(`row ${index}`)
      if (index % 1000 === 0) look("row 0")
    }
    executed.length = 0
    look("row 0")
    expect(selects(executed)).toHaveLength(0)
    look("row 1")
    expect(selects(executed)).toHaveLength(1)
  })

  it("are the same as in the file, whoever wrote what", () => {
    const bytes = (index: number) => new Uint8Array([index, 255 - index])
    const change: fc.Arbitrary<RowChange> = fc.oneof(
      fc
        .record({ id: fc.constantFrom("a", "b"), value: fc.nat(9) })
        .map((row): RowChange => ({ _tag: "Put", table: single, row })),
      fc
        .record({ id: fc.constantFrom("a", "b"), value: fc.nat(9) })
        .map(({ id, value }): RowChange => ({ _tag: "Set", table: single, key: [id], columns: { value } })),
      fc.constantFrom("a", "b").map((id): RowChange => ({ _tag: "Delete", table: single, key: [id] })),
      fc.tuple(fc.constantFrom("a", "b"), fc.nat(3), fc.nat(9)).map(([parent, child, value]): RowChange => ({
        _tag: "Put",
        table: family,
        row: { parent: textBytes(parent), child: bytes(child), value },
      })),
      fc.tuple(fc.constantFrom("a", "b"), fc.nat(3), fc.nat(9)).map(([parent, child, value]): RowChange => ({
        _tag: "Set",
        table: family,
        key: [textBytes(parent), bytes(child)],
        columns: { value },
      })),
      fc.tuple(fc.constantFrom("a", "b"), fc.nat(3)).map(([parent, child]): RowChange => ({
        _tag: "Delete",
        table: family,
        key: [textBytes(parent), bytes(child)],
      })),
    )
    const step = fc.oneof(
      fc.record({
        by: fc.constantFrom("us", "others", "nobody"),
        changes: fc.array(change, { minLength: 1, maxLength: 4 }),
      }),
      fc.constantFrom("a", "b"),
    )
    // The same bytes each time, and others with the same content where they are written.
    const parents = { a: textBytes("a"), b: textBytes("b") }
    const seenOf = (id: "a" | "b") => (reader: RowReader) => {
      const parent = parents[id]
      return [
        reader.get(single, [id]),
        reader.list(family, { where: { parent } }),
        reader.list(family, { where: { parent }, limit: 1, isDescending: true }),
        reader.get(family, [parent, bytes(1)]),
      ]
    }
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const { driver, rows, write, others } = opened()
        for (const one of steps) {
          if (typeof one === "string") {
            expect(rows.read(seenOf(one))).toEqual(seenOf(one)(others))
            continue
          }
          const apply = (writer: RowWriter) => one.changes.forEach((each) => applyChange(writer, each))
          if (one.by === "us") write(apply)
          if (one.by === "others") apply(others)
          if (one.by === "nobody") {
            driver.exec("BEGIN IMMEDIATE")
            apply(rows.writer)
            driver.exec("ROLLBACK")
            rows.abandoned()
          }
        }
        for (const id of ["a", "b"] as const) expect(rows.read(seenOf(id))).toEqual(seenOf(id)(others))
      }),
      { numRuns: 100 },
    )
  })

  it("are those of an append that was committed, and not those of one that failed beside it", async () => {
    const { log } = openOn(temporaryFile(), openNodeSqlite)
    await append(log, appending(0, [signedOut("alice")]))
    const impossible = { _tag: "Put", table: tallyTable, row: { stream: "subject-sub_alice", entry_count: Symbol() } }
    await append(
      log,
      appending(1, [signedOut("alice")]),
      appending(2, [signedOut("alice")], { rows: [{ ...impossible } as unknown as RowChange] }),
      appending(0, [signedOut("bob")]),
    )
    const countOf = (name: string) => log.rowsNow!.tally(`subject-sub_${name}`)?.["entry_count"]
    expect([countOf("alice"), countOf("bob")]).toEqual([2, 1])
    expect(await Effect.runPromise(log.compareRows())).toMatchObject({ differingRowCount: 0, faults: [] })
  })
})

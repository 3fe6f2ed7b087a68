/**
 * Rows that are known: read or written here lately, and written by nobody else since.
 *
 * `data_version`, asked before anything is answered, counts the commits of everybody else: where it moved, nothing is
 * known any more. What is written here is unknown from then on, and known again, as it was written, after its COMMIT. So
 * a read of what is known costs that one pragma, and is of the moment at which it was asked.
 */
import { compareBy, compareValues, type Row, type RowReader, type RowWriter, type Table, type Value } from "../Rows.ts"
import type { SqliteDriver } from "./Driver.ts"

/** Rows that are kept, counting a row that is known not to be there as one. */
const MAX_KNOWN = 16_384

export interface KnownRows {
  /** Answers as of one moment: from what is known, or from the file where something is not. */
  readonly read: <A>(body: (rows: RowReader) => A) => A
  /** Writes within a transaction of the caller. */
  readonly writer: RowWriter
  /** What was written is committed. */
  readonly committed: () => void
  /** Nobody knows what became of what was written. */
  readonly abandoned: () => void
  /** Everything may have been written. */
  readonly forget: () => void
}

/** Rows of a table whose first key column is the same; all of them, or none where it is not known which there are. */
type Group = ReadonlyArray<Row>

const unknown = new Error("not among the rows that are known")

const groupKey = (table: Table, first: Value | undefined): string => `${table.name} ${String(first)}`

const isOf = (table: Table, row: Row, key: ReadonlyArray<Value>): boolean =>
  table.key.every((column, index) => compareValues(row[column]!, key[index]!) === 0)

/** Whether a listing asks for a whole group. */
const isOfGroup = (table: Table, { where = {}, ...others }: Parameters<RowReader["list"]>[1]): boolean =>
  Object.keys(others).length === 0 && Object.keys(where).length === 1 && table.key[0]! in where

/** Runs what reads: it sees one moment, however many statements it takes. */
export const inOneMoment = (driver: SqliteDriver) => {
  const begin = driver.prepare("BEGIN")
  const end = driver.prepare("COMMIT")
  return <A>(body: () => A): A => {
    begin.run()
    try {
      return body()
    } finally {
      if (driver.isInTransaction()) end.run()
    }
  }
}

export const knownRows = (driver: SqliteDriver, file: RowWriter): KnownRows => {
  const dataVersion = driver.prepare("PRAGMA data_version")
  const atOnce = inOneMoment(driver)
  /** The least recently used first. */
  const known = new Map<string, Group>()
  let knownCount = 0
  let written = new Map<string, Group>()
  let seenVersion: Value | undefined

  const forget = () => {
    known.clear()
    knownCount = 0
  }
  const drop = (key: string) => {
    const group = known.get(key)
    if (group === undefined) return
    known.delete(key)
    knownCount -= group.length + 1
  }
  const keep = (key: string, group: Group): Group => {
    drop(key)
    known.set(key, group)
    knownCount += group.length + 1
    while (knownCount > MAX_KNOWN) drop(known.keys().next().value!)
    return group
  }
  const isUpToDate = (): boolean => {
    const version = dataVersion.get()?.["data_version"]
    if (version === seenVersion) return true
    forget()
    seenVersion = version
    return false
  }

  const reader = (
    groupOf: (table: Table, first: Value) => Group,
    others: Pick<RowReader, "list" | "count">,
  ): RowReader => ({
    get: (table, key) => {
      const group = groupOf(table, key[0]!)
      return table.key.length === 1 ? group[0] : group.find((row) => isOf(table, row, key))
    },
    list: (table, listing) =>
      isOfGroup(table, listing) ? groupOf(table, listing.where![table.key[0]!]!) : others.list(table, listing),
    count: others.count,
  })
  const nobody = () => {
    throw unknown
  }
  const fromMemory = reader(
    (table, first) => {
      const key = groupKey(table, first)
      const group = known.get(key)
      if (group === undefined) throw unknown
      return keep(key, group)
    },
    { list: nobody, count: nobody },
  )
  const groupIn = (table: Table, first: Value): Group => {
    if (table.key.length > 1) return file.list(table, { where: { [table.key[0]!]: first } })
    const row = file.get(table, [first])
    return row === undefined ? [] : [row]
  }
  const fromFile = reader((table, first) => {
    const key = groupKey(table, first)
    return known.get(key) ?? keep(key, groupIn(table, first))
  }, file)

  const readFile = <A>(body: (rows: RowReader) => A): A =>
    atOnce(() => {
      isUpToDate()
      return body(fromFile)
    })

  /** A group that is not known stays unknown, unless one row is all that it can have: then it is told by `whole`. */
  const note = (table: Table, key: ReadonlyArray<Value>, change: (group: Group) => Group, whole?: Group) => {
    const name = groupKey(table, key[0])
    const before = written.get(name) ?? known.get(name)
    drop(name)
    const after = before === undefined ? (table.key.length === 1 ? whole : undefined) : change(before)
    if (after === undefined) written.delete(name)
    else written.set(name, after)
  }

  return {
    read: (body) => {
      if (!isUpToDate()) return readFile(body)
      try {
        return body(fromMemory)
      } catch (cause) {
        if (cause !== unknown) throw cause
        return readFile(body)
      }
    },
    writer: {
      ...file,
      put: (table, row) => {
        file.put(table, row)
        const whole = Object.fromEntries(Object.keys(table.columns).map((column) => [column, row[column] ?? null]))
        const key = table.key.map((column) => whole[column]!)
        const added = (group: Group) =>
          [...group.filter((one) => !isOf(table, one, key)), whole].sort(compareBy(table.key))
        note(table, key, added, [whole])
      },
      set: (table, key, columns) => {
        file.set(table, key, columns)
        note(table, key, (group) => group.map((row) => (isOf(table, row, key) ? { ...row, ...columns } : row)))
      },
      delete: (table, key) => {
        file.delete(table, key)
        note(table, key, (group) => group.filter((row) => !isOf(table, row, key)), [])
      },
    },
    committed: () => {
      for (const [key, group] of written) keep(key, group)
      written = new Map()
    },
    abandoned: () => {
      written = new Map()
    },
    forget,
  }
}

/**
 * A cache of rows that were read or written here lately, and that nobody else has written since.
 *
 * `data_version`, which is read before every answer, changes with each commit of another connection; then the whole cache
 * is dropped. A row that is written here leaves the cache, and enters it again after its COMMIT. So reading a cached row
 * costs that one pragma, and the answer is of the moment at which it was asked.
 */
import { makeRecent, type Recent } from "../Recent.ts"
import {
  compareValues,
  mapKey,
  type Listing,
  type Row,
  type RowReader,
  type RowWriter,
  type Table,
  type Value,
} from "../Rows.ts"
import type { SqliteDriver } from "./Driver.ts"

/** Rows of a table that are kept, counting a row that is known not to be there as one. */
const MAX_KNOWN = 8192

export interface KnownRows {
  /** Answers as of one moment: from the cache, or from the file if something is not cached. */
  readonly read: <A>(body: (rows: RowReader) => A) => A
  /** Writes within a transaction of the caller. */
  readonly writer: RowWriter
  /** The writes were committed. */
  readonly committed: () => void
  /** It is unknown whether the writes were committed. */
  readonly abandoned: () => void
  /** Any row may have been written: drops the cache. */
  readonly forget: () => void
}

/** Rows of a table whose first key column is the same, by key: all of them, or none where it is not known which there are. */
type Group = ReadonlyArray<Row>
type Groups = Map<ReturnType<typeof mapKey>, Group>

const unknown = new Error("not among the rows that are known")

/** A row as it is cached: with all columns, in an object of its own, because the driver's objects may be slow to read. */
const wholeOf = ({ columns }: Table, row: Row): Row => {
  const whole: Record<string, Value> = {}
  for (const column in columns) whole[column] = row[column] ?? null
  return whole
}

const orderOf = (table: Table, row: Row, key: ReadonlyArray<Value>): number => {
  for (let index = 0; index < key.length; index++) {
    const order = compareValues(row[table.key[index]!]!, key[index]!)
    if (order !== 0) return order
  }
  return 0
}

/** Where the row of a key is in a group, or belongs, and how many it has there. */
const placeOf = (table: Table, group: Group, key: ReadonlyArray<Value>): readonly [place: number, count: 0 | 1] => {
  let [low, high] = [0, group.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const order = orderOf(table, group[middle]!, key)
    if (order === 0) return [middle, 1]
    if (order < 0) low = middle + 1
    else high = middle
  }
  return [low, 0]
}

/** The first key of the group that a listing asks for the whole of; `undefined` where it asks for something else. */
const groupListed = (table: Table, listing: Listing): Value | undefined =>
  listing.where !== undefined && Object.keys(listing).length === 1 && Object.keys(listing.where).length === 1
    ? listing.where[table.key[0]!]
    : undefined

/** Runs reads that see one moment, however many statements they take. */
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
  const dataVersion = driver.prepareValue("PRAGMA data_version")
  const atOnce = inOneMoment(driver)
  /** By the name of the table, like what was written. */
  const known = new Map<string, Recent<ReturnType<typeof mapKey>, Group>>()
  const written = new Map<string, Groups>()
  let seenVersion: Value | undefined

  const knownOf = (name: string) =>
    known.get(name) ??
    known
      .set(
        name,
        makeRecent(MAX_KNOWN, ({ length }) => length + 1),
      )
      .get(name)!
  const isUpToDate = (): boolean => {
    const version = dataVersion()
    if (version === seenVersion) return true
    known.clear()
    seenVersion = version
    return false
  }

  const reader = (
    groupOf: (table: Table, first: Value) => Group,
    others: Pick<RowReader, "list" | "count">,
  ): RowReader => ({
    get: (table, key) => {
      const group = groupOf(table, key[0]!)
      if (table.key.length === 1) return group[0]
      const [place, count] = placeOf(table, group, key)
      return count === 0 ? undefined : group[place]
    },
    list: (table, listing) => {
      const first = groupListed(table, listing)
      return first === undefined ? others.list(table, listing) : groupOf(table, first)
    },
    count: others.count,
  })
  const nobody = () => {
    throw unknown
  }
  const fromMemory = reader((table, first) => knownOf(table.name).get(mapKey(first)) ?? nobody(), {
    list: nobody,
    count: nobody,
  })
  const groupIn = (table: Table, first: Value): Group => {
    if (table.key.length > 1)
      return file.list(table, { where: { [table.key[0]!]: first } }).map((row) => wholeOf(table, row))
    const row = file.get(table, [first])
    return row === undefined ? [] : [wholeOf(table, row)]
  }
  const fromFile = reader((table, first) => {
    const [groups, key] = [knownOf(table.name), mapKey(first)]
    return groups.get(key) ?? groups.keep(key, groupIn(table, first))
  }, file)

  const readFile = <A>(body: (rows: RowReader) => A): A =>
    atOnce(() => {
      isUpToDate()
      return body(fromFile)
    })

  /** A group that is not known stays unknown, unless one row is all that it can have and the change `settles` that. */
  const note = (table: Table, first: Value, change: (group: Group) => Group, settles: boolean) => {
    const [name, key] = [table.name, mapKey(first)]
    const groups = written.get(name) ?? written.set(name, new Map()).get(name)!
    const before = groups.get(key) ?? knownOf(name).get(key) ?? (settles && table.key.length === 1 ? [] : undefined)
    knownOf(name).forget(key)
    if (before !== undefined) groups.set(key, change(before))
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
        const key = table.key.map((column) => row[column]!)
        const added = (group: Group) => group.toSpliced(...placeOf(table, group, key), wholeOf(table, row))
        note(table, key[0]!, added, true)
      },
      set: (table, key, columns) => {
        file.set(table, key, columns)
        const changed = (group: Group) => {
          const [place, count] = placeOf(table, group, key)
          return count === 0 ? group : group.with(place, { ...group[place], ...columns })
        }
        note(table, key[0]!, changed, false)
      },
      delete: (table, key) => {
        file.delete(table, key)
        note(table, key[0]!, (group) => group.toSpliced(...placeOf(table, group, key)), true)
      },
    },
    committed: () => {
      for (const [name, groups] of written) for (const [key, group] of groups) knownOf(name).keep(key, group)
      written.clear()
    },
    abandoned: () => written.clear(),
    forget: () => known.clear(),
  }
}

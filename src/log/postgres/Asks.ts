/**
 * Questions to the rows, as data. One statement answers any number of them, and so answers all as of one moment.
 *
 * A few questions of one shape get a place of their own each in the statement, which is fastest; many share one place.
 */
import type { Listing, Reference, Row, Table, Value } from "../Rows.ts"
import { StoreFault } from "../EventLog.ts"
import { nullsFirst, sqlType } from "./Definition.ts"

type Columns = Table["columns"]

/** The form of questions that differ only in their values. */
interface Shape {
  readonly name: string
  readonly columns: Columns
  /** The types of the values, in order. */
  readonly types: ReadonlyArray<Columns[string]>
  /** The query; it is given the placeholder of each value. */
  readonly sql: (value: (index: number) => string) => string
  /** Rows that these rows refer to; they are read along with them. */
  readonly led: ReadonlyArray<Led>
}

interface Led {
  readonly reference: Reference
  readonly sql: Shape["sql"]
}

export interface Ask {
  readonly name: string
  readonly shape: Shape
  readonly values: ReadonlyArray<Value>
}

export type Answers = Map<string, ReadonlyArray<Row>>

export interface Statement {
  readonly sql: string
  readonly values: ReadonlyArray<Value>
  /** Stores what the query found in the answers. */
  readonly read: (row: Readonly<Record<string, unknown>>, answers: Answers) => void
}

export interface Asks {
  readonly get: (table: Table, key: ReadonlyArray<Value>) => Ask
  readonly list: (table: Table, listing: Listing) => Ask
  readonly count: (table: Table, where: Row) => Ask
  /** How many entries a stream has. */
  readonly version: (stream: string) => Ask
  /** The leaves of the entries that are in no block of 16 yet. */
  readonly lastBlock: Ask
  /** The clock of the server, milliseconds since the epoch. */
  readonly clock: Ask
  readonly statement: (asks: ReadonlyArray<Ask>) => Statement
}

/** When there are more questions of one shape than this, they share a place in the statement. */
const FEW = 4

/** PostgreSQL cannot store text that contains this character, so no row has it. */
const isNowhere = (values: ReadonlyArray<Value>): boolean =>
  values.some((value) => typeof value === "string" && value.includes("\0"))

export const asksIn = (schema: string, references: ReadonlyArray<Reference>): Asks => {
  const shapes = new Map<string, Shape>()
  const texts = new Map<string, string>()
  const shapeOf = (name: string, make: () => Omit<Shape, "name">): Shape =>
    shapes.get(name) ?? shapes.set(name, { name, ...make() }).get(name)!
  const ask = (shape: Shape, values: ReadonlyArray<Value>): Ask => ({
    name: `${shape.name} ${JSON.stringify(values.map(comparable))}`,
    shape,
    values,
  })
  const nameOf = (table: Table) => `${schema}.${table.name}`
  const equals = (columns: ReadonlyArray<string>, value: (index: number) => string) =>
    columns.map((column, index) => `${column} = ${value(index)}`)
  const filter = (conditions: ReadonlyArray<string>) =>
    conditions.length === 0 ? "" : ` WHERE ${conditions.join(" AND ")}`

  const get: Asks["get"] = (table, key) => {
    const shape = shapeOf(`get ${table.name}`, () => {
      const from = (value: (index: number) => string) => `FROM ${nameOf(table)}${filter(equals(table.key, value))}`
      return {
        columns: table.columns,
        types: table.key.map((column) => table.columns[column]!),
        sql: (value) => `SELECT * ${from(value)}`,
        led: references
          .filter((reference) => reference.from.name === table.name)
          .map((reference) => {
            const { to, column } = reference
            const sql: Shape["sql"] = (value) =>
              `SELECT * FROM ${nameOf(to)} WHERE ${to.key[0]!} = (SELECT ${column} ${from(value)}) ORDER BY ${to.key.join(", ")}`
            return { reference, sql }
          }),
      }
    })
    return ask(shape, key)
  }

  const list: Asks["list"] = (table, listing) => {
    const {
      columns = Object.keys(table.columns),
      where = {},
      orderBy = table.key,
      isDescending = false,
      after,
      limit = -1,
    } = listing
    const equal = Object.keys(where)
    const name = `list ${table.name} ${columns.join()} ${equal.join()} ${orderBy.join()} ${isDescending} ${after !== undefined} ${limit}`
    const shape = shapeOf(name, () => ({
      columns: Object.fromEntries(columns.map((column) => [column, table.columns[column]!])),
      types: [...equal, ...(after === undefined ? [] : orderBy)].map((column) => table.columns[column]!),
      sql: (value) => {
        const places = orderBy.map((_, index) => value(equal.length + index)).join(", ")
        const behind = `(${orderBy.join(", ")}) ${isDescending ? "<" : ">"} (${places})`
        const order = orderBy.map((column) => column + nullsFirst(table, column, isDescending)).join(", ")
        const conditions = [...equals(equal, value), ...(after === undefined ? [] : [behind])]
        const most = limit < 0 ? "" : ` LIMIT ${limit}`
        return `SELECT ${columns.join(", ")} FROM ${nameOf(table)}${filter(conditions)} ORDER BY ${order}${most}`
      },
      led: [],
    }))
    return ask(shape, [...equal.map((column) => where[column]!), ...(after ?? [])])
  }

  const count: Asks["count"] = (table, where) => {
    const equal = Object.keys(where)
    const shape = shapeOf(`count ${table.name} ${equal.join()}`, () => ({
      columns: { n: "INTEGER" },
      types: equal.map((column) => table.columns[column]!),
      sql: (value) => `SELECT count(*) AS n FROM ${nameOf(table)}${filter(equals(equal, value))}`,
      led: [],
    }))
    return ask(
      shape,
      equal.map((column) => where[column]!),
    )
  }

  /** What asks for the rows that a value leads to. */
  const ledTo = (to: Table, value: Value): Ask =>
    to.key.length === 1 ? get(to, [value]) : list(to, { where: { [to.key[0]!]: value } })

  /** Where the answers to questions of one shape stand. Whoever asks for a row by itself has no use for those around it. */
  const placesOf = (
    shape: Shape,
    asks: ReadonlyArray<Ask>,
    isAsked: (name: string) => boolean,
  ): ReadonlyArray<Place> => {
    if (asks.length > FEW) return [together(shape, asks)]
    const led = shape.led.filter(({ reference: { to } }) => to.key.length === 1 || !isAsked(`get ${to.name}`))
    return asks.flatMap(({ name, values }): ReadonlyArray<Place> => [
      {
        values,
        sql: (first) => aggregated(shape.sql((index) => `$${first + index}::${sqlType(shape.types[index]!)}`)),
        read: (found, answers) => void answers.set(name, rowsFrom(shape.columns, found)),
      },
      ...led.map(({ reference: { to, column }, sql }): Place => ({
        values,
        sql: (first) => aggregated(sql((index) => `$${first + index}::${sqlType(shape.types[index]!)}`)),
        read: (found, answers) => {
          const value = answers.get(name)?.[0]?.[column] ?? null
          if (value !== null) answers.set(ledTo(to, value).name, rowsFrom(to.columns, found))
        },
      })),
    ])
  }

  const version: Shape = {
    name: "version",
    columns: { version: "INTEGER" },
    types: ["TEXT"],
    sql: (value) => `SELECT coalesce((SELECT max(version) FROM ${schema}.entries WHERE stream = ${value(0)}),
      (SELECT version FROM ${schema}.archived_streams WHERE stream = ${value(0)})) AS version`,
    led: [],
  }
  const lastBlock: Shape = {
    name: "last block",
    columns: { leaf: "BLOB" },
    types: [],
    sql: () =>
      `SELECT leaf FROM ${schema}.entries WHERE position >= (SELECT size - size % 16 FROM ${schema}.head) ORDER BY position`,
    led: [],
  }

  const clock: Shape = {
    name: "clock",
    columns: { now: "INTEGER" },
    types: [],
    sql: () => "SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now",
    led: [],
  }

  return {
    get,
    list,
    count,
    version: (stream) => ask(version, [stream]),
    clock: ask(clock, []),
    lastBlock: ask(lastBlock, []),
    statement: (asks) => {
      const byShape = Map.groupBy(
        asks.filter(({ values }) => !isNowhere(values)),
        ({ shape }) => shape,
      )
      const isAsked = (name: string) => shapes.has(name) && byShape.has(shapes.get(name)!)
      const places = [...byShape].flatMap(([shape, own]) => placesOf(shape, own, isAsked))
      const values: Array<Value> = []
      const name = [...byShape].map(([shape, own]) => `${shape.name} ${Math.min(own.length, FEW + 1)}`).join("; ")
      const firsts = places.map((place) => values.push(...place.values) - place.values.length + 1)
      const sql =
        texts.get(name) ??
        `SELECT ${places.map((place, index) => `${place.sql(firsts[index]!)} AS "${index}"`).join(", ")}`
      texts.set(name, sql)
      return {
        sql,
        values,
        read: (row, answers) => {
          for (const one of asks) if (isNowhere(one.values)) answers.set(one.name, [])
          places.forEach((place, index) => place.read(row[String(index)], answers))
        },
      }
    },
  }
}

interface Place {
  readonly values: ReadonlyArray<Value>
  /** `first` is the number of the parameter that the values begin at. */
  readonly sql: (first: number) => string
  readonly read: (found: unknown, answers: Answers) => void
}

const aggregated = (query: string): string => `(SELECT json_agg(t) FROM (${query}) t)`

/** One place for many questions: each has a number, which comes back with its rows. */
const together = (shape: Shape, asks: ReadonlyArray<Ask>): Place => ({
  values: [JSON.stringify(asks.map(({ values }, number) => ({ number, ...values.map(writable) })))],
  sql: (first) => {
    const columns = shape.types.map((type, index) => `, "${index}" ${sqlType(type)}`).join("")
    const rows = aggregated(shape.sql((index) => `a."${index}"`))
    return `(SELECT json_agg(json_build_array(a.number, ${rows})) FROM json_to_recordset($${first}::text::json) a(number int${columns}))`
  },
  read: (found, answers) => {
    for (const [number, rows] of found as ReadonlyArray<readonly [number, unknown]>) {
      answers.set(asks[number]!.name, rowsFrom(shape.columns, rows))
    }
  },
})

/** A value in the JSON form that PostgreSQL converts into a column of its type. */
export const writable = (value: Value): string | number | null =>
  value instanceof Uint8Array ? `\\x${Buffer.from(value).toString("hex")}` : value

const comparable = (value: Value) => (value instanceof Uint8Array ? [writable(value)] : value)

/** Reads aggregated rows, in which bytes are hexadecimal text; `null` stands for no rows. */
const rowsFrom = (columns: Columns, found: unknown): ReadonlyArray<Row> => {
  if (found === null) return []
  const types = Object.entries(columns).filter(([, type]) => type !== "TEXT")
  return (found as ReadonlyArray<Record<string, Value>>).map((row) => {
    for (const [column, type] of types) row[column] = valueFrom(type, row[column]!)
    return row
  })
}

const valueFrom = (type: Columns[string], value: Value): Value => {
  if (value === null) return null
  if (type === "BLOB") return Buffer.from(String(value).slice(2), "hex")
  if (Number.isSafeInteger(value)) return value
  throw new StoreFault({ reason: "corrupt", message: "a row has a number that is too large: run grantlog rebuild" })
}

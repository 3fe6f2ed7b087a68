/**
 * Places beside a log in PostgreSQL: tables of another database, which no backup of the log's brings back.
 *
 * A statement exchanges a row only if it still is the one that was read, so no lock is held between two operations. When
 * the connection is lost before the answer comes, looking again shows whether the exchange was done. The database of a
 * log is refused, because restoring that log would bring back what lies in it.
 */
import * as Effect from "effect/Effect"
import { StoreFault } from "../EventLog.ts"
import { logIsClosed } from "../GroupCommit.ts"
import type { Exchange, Place } from "../Place.ts"
import type { Row, Table, Value } from "../Rows.ts"
import { asksIn } from "./Asks.ts"
import type { Written } from "./Changes.ts"
import { openPostgres, type Connections, type OpenPostgres, type Session } from "./Connections.ts"
import { createTable, sqlType } from "./Definition.ts"
import { postgresFault } from "./Fault.ts"
import { askedOf, begin, END } from "./Held.ts"
import { nothingKnown } from "./Known.ts"

/** Where in a database the places are, and how it is opened. */
export interface PlacesSettings {
  /** The schema that its tables are in, made if it is not there; default `grantlog_beside`. */
  readonly schema?: string
  /** The schema in which a log would be; default `grantlog`. */
  readonly logSchema?: string
  /** The driver; default `postgres`. */
  readonly open?: OpenPostgres
}

/** Tables beside a log, in one database of their own. */
export interface Places {
  /** One of the tables; closing it leaves the others open. */
  readonly place: (table: Table) => Place
  /** Closes the connections. */
  readonly close: Effect.Effect<void>
}

const READERS = 2

/** Places in the database at `url`; nothing is opened before something is asked of one. */
export const postgresPlaces = (
  url: string,
  tables: ReadonlyArray<Table>,
  { schema = "grantlog_beside", logSchema = "grantlog", open = openPostgres }: PlacesSettings = {},
): Places => {
  const asks = asksIn(schema, [])
  let opened: Promise<Connections> | undefined
  let isOpen = true

  const ready = async (): Promise<Connections> => {
    const connections = await open(url, READERS)
    try {
      await connections.write((session) => prepare(session, schema, logSchema, tables))
      return connections
    } catch (cause) {
      await connections.close()
      throw cause
    }
  }
  /** After a failure the next caller tries again. */
  const connected = (): Promise<Connections> => {
    const opening = (opened ??= ready())
    opening.catch(() => (opened = undefined))
    return opening
  }

  const place = (table: Table): Place => {
    let isPlaceOpen = true
    const attempt = <A>(body: (connections: Connections) => Promise<A>): Effect.Effect<A, StoreFault> =>
      Effect.suspend(() =>
        isOpen && isPlaceOpen
          ? Effect.tryPromise({ try: () => connected().then(body), catch: besideFault })
          : Effect.fail(logIsClosed),
      )
    const list: Place["list"] = (listing) =>
      attempt(async ({ read }) => {
        const [known, ask] = [nothingKnown(asks), asks.list(table, listing)]
        await askedOf(read, asks, [ask], known)
        return known.answers.get(ask.name)!
      })
    return {
      get: (key) => {
        const where = Object.fromEntries(table.key.map((column, index) => [column, key[index]!]))
        return Effect.map(list({ where, limit: 1 }), ([row]) => row)
      },
      list,
      exchange: (exchanges) =>
        attempt(({ write }) => write((session) => exchangeOn(session, exchanges.map(exchanging(schema, table))))),
      // There is no cheap way to tell that nobody has.
      mayHaveChanged: attempt(() => Promise.resolve(true)),
      close: Effect.sync(() => {
        isPlaceOpen = false
      }),
    }
  }

  return {
    place,
    close: Effect.promise(async () => {
      isOpen = false
      const connections = await opened?.catch(() => undefined)
      await connections?.close()
    }),
  }
}

/** The same sentences, about the address of the places. */
const besideFault = (cause: unknown): StoreFault => {
  const fault = postgresFault(cause)
  const message = fault.message.replaceAll("--store", "--beside").replace("the database", "the database of --beside")
  return new StoreFault({ reason: fault.reason, message, cause: fault.cause })
}

const prepare = async (session: Session, schema: string, logSchema: string, tables: ReadonlyArray<Table>) => {
  const found = await session.run("SELECT to_regclass($1::text) IS NOT NULL AS holds", [`${logSchema}.head`])
  if (found[0]?.["holds"] === true) {
    const message = "holds a log: name another one, for what is in it comes back with a backup of the log"
    throw new StoreFault({ reason: "not-a-log", message: `the database ${message}` })
  }
  await session.script(`${begin} SELECT pg_advisory_xact_lock(hashtext('grantlog ${schema}'))`)
  try {
    await session.script(`CREATE SCHEMA IF NOT EXISTS ${schema}; SELECT 1`)
    for (const table of tables) {
      const known = await session.run("SELECT to_regclass($1::text) IS NOT NULL AS known", [`${schema}.${table.name}`])
      if (known[0]?.["known"] !== true) await session.script(`${createTable(schema, table)} SELECT 1`)
    }
    await session.script(END)
  } catch (cause) {
    await session.script("ROLLBACK").catch(() => {})
    throw cause
  }
}

/** Does all exchanges or none; each statement gives a row if it was done. */
const exchangeOn = async (session: Session, writes: ReadonlyArray<Written>): Promise<boolean> => {
  let isDone = false
  try {
    const sent = [session.script(`${begin} SELECT 1`), ...writes.map(({ sql, values }) => session.run(sql, values))]
    const [, ...found] = await Promise.all(sent)
    if (found.some((rows) => rows.length !== 1)) return false
    await session.script(END)
    isDone = true
    return true
  } finally {
    if (!isDone) await session.script("ROLLBACK").catch(() => {})
  }
}

/** The statement of an exchange: it changes the row only if it is still as it was read. */
const exchanging =
  (schema: string, table: Table) =>
  ({ before, after }: Exchange): Written => {
    const name = `${schema}.${table.name}`
    const columns = Object.entries(table.columns)
    const values: Array<Value> = []
    const value = (row: Row, [column, type]: (typeof columns)[number]) =>
      `$${values.push(row[column] ?? null)}::${sqlType(type)}`
    const is = (row: Row) => columns.map((one) => `${one[0]} IS NOT DISTINCT FROM ${value(row, one)}`).join(" AND ")
    if (after === undefined) return { sql: `DELETE FROM ${name} WHERE ${is(before!)} RETURNING 1`, values }
    if (before === undefined) {
      const row = columns.map((one) => value(after, one)).join(", ")
      return { sql: `INSERT INTO ${name} VALUES (${row}) ON CONFLICT DO NOTHING RETURNING 1`, values }
    }
    const set = columns.map((one) => `${one[0]} = ${value(after, one)}`).join(", ")
    return { sql: `UPDATE ${name} SET ${set} WHERE ${is(before)} RETURNING 1`, values }
  }

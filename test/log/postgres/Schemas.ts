/**
 * Logs in the PostgreSQL of the run, each in a schema of its own, closed with the test; and connections that can be looked
 * into or made to fail.
 */
import { Effect } from "effect"
import { inject, onTestFinished } from "vitest"
import { makePostgresStore, type InlineProjection, type PostgresSettings } from "../../../src/log/index.ts"
import {
  openPostgres,
  type Connections,
  type Found,
  type OpenPostgres,
  type Session,
} from "../../../src/log/postgres/Connections.ts"
import type { OpenOptions } from "../LogSuite.ts"
import { rowsByHand } from "../RowsByHand.ts"
import { tally, type TestStore } from "../Samples.ts"

/** Where it is; `undefined` where none is packaged for the platform, which the run has said. */
export const postgres: string | undefined = inject("postgres")

let schemaCount = 0

export const newSchema = (): string => `log_${process.pid}_${Math.random().toString(36).slice(2, 8)}_${++schemaCount}`

/** Another log on what is in a schema. */
export const openIn = (schema: string, options: OpenOptions & PostgresSettings = {}, url = postgres!): TestStore => {
  const log = makePostgresStore(url, { projection: tally, side: rowsByHand, schema, readerCount: 1, ...options })
  onTestFinished(() => Effect.runPromise(log.close))
  return log
}

const lasting = new Map<number, Promise<Connections>>()

const lastingOf = (instance: number): Promise<Connections> => {
  const opened = lasting.get(instance) ?? openPostgres(postgres!, 2)
  lasting.set(instance, opened)
  return opened
}

/** Connections that stay when a test has finished, of one instance each: for what is not about connections. */
export const openLasting =
  (instance: number): OpenPostgres =>
  async () => ({ ...(await lastingOf(instance)), listen: () => {}, close: async () => {} })

/** Does something in the database from outside; gives what the last of several statements finds. */
export const ask = async (sql: string): Promise<Found> => (await lastingOf(0)).write(({ script }) => script(sql))

const emptying = (schema: string) => `
  DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename NOT IN ('head', 'projections')
    LOOP EXECUTE 'DELETE FROM ${schema}.' || name; END LOOP;
  END $$;
  UPDATE ${schema}.head SET size = 0, recorded_at = 0`

const emptied = new Map<string, Array<string>>()

/** An empty schema that an earlier test may have had, whose tables are made for that projection. */
export const emptySchema = ({ description, tables }: InlineProjection): string => {
  const projection = [description, ...tables.map(({ name }) => name)].join()
  const own = emptied.get(projection) ?? []
  emptied.set(projection, own)
  const schema = own.pop() ?? newSchema()
  // What is registered last is done first: what is opened in it is closed before it is emptied.
  onTestFinished(async () => {
    await ask(emptying(schema))
    own.push(schema)
  })
  return schema
}

/** A log in an empty schema. */
export const openEmpty = (options: OpenOptions = {}): TestStore => {
  const projection = options.projection ?? tally
  return openIn(emptySchema(projection), { ...options, open: openLasting(0) })
}

/** Runs around each statement of a writer: `sql` is what is to be sent, `go` sends it, or something else in its place. */
export type Hook = (sql: string, go: (instead?: string) => Promise<never>) => Promise<never>

export const hooked =
  (hook: Hook): OpenPostgres =>
  async (url, readerCount) => {
    const connections = await openPostgres(url, readerCount)
    const around = ({ run, script }: Session): Session => ({
      run: (sql, values) =>
        hook(sql, (instead) => (instead === undefined ? run(sql, values) : script(instead)) as Promise<never>),
      script: (sql) => hook(sql, (instead = sql) => script(instead) as Promise<never>),
    })
    return { ...connections, write: (body) => connections.write((session) => body(around(session))) }
  }

/**
 * Writing while the head is held: every writer locks the one row of the head first, so that they write one after another.
 *
 * One statement locks the row and the next one reads, so that it sees what the first had to wait for. Nothing is written
 * before everything is decided; then the writes are sent together with COMMIT. The isolation level is set to READ
 * COMMITTED, because a later statement must see what was committed before it. COMMIT has no timeout: PostgreSQL reports
 * success for a COMMIT that is cancelled while it waits for a replica.
 */
import { StoreFault, type Head } from "../EventLog.ts"
import type { RowReader } from "../Rows.ts"
import type { Ask, Asks } from "./Asks.ts"
import type { Written } from "./Changes.ts"
import type { Connections, Found, Session } from "./Connections.ts"
import { isLost, postgresFault } from "./Fault.ts"
import { nothingKnown, untilKnown, type Known } from "./Known.ts"
import { VERSION } from "./Migrations.ts"

const TIMEOUT_MILLIS = 10_000
const LOCK_TIMEOUT_MILLIS = 5_000

/** Makes commits durable whatever the server's default is, and plans statements once, for tables that grow. */
export const begin = `
  BEGIN ISOLATION LEVEL READ COMMITTED;
  SET LOCAL statement_timeout = ${TIMEOUT_MILLIS};
  SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MILLIS};
  SET LOCAL idle_in_transaction_session_timeout = ${TIMEOUT_MILLIS};
  SET LOCAL plan_cache_mode = force_generic_plan;
  SET LOCAL enable_seqscan = off;
  SET LOCAL jit = off;
  SELECT set_config('synchronous_commit', 'on', true) WHERE current_setting('synchronous_commit') IN ('off', 'local');`

export const END = "SET LOCAL statement_timeout = 0; COMMIT"

/** It is unknown whether the writes that were sent with COMMIT were committed. */
export class Unsettled extends Error {}

/** The database that a log is in, and the clock of this instance. */
export interface Database {
  readonly connections: Connections
  /** The schema that its tables are in. */
  readonly schema: string
  readonly asks: Asks
  /** The clock of this instance, milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
}

export interface Held {
  readonly session: Session
  readonly head: Head
  readonly known: Known
  readonly rows: RowReader
  /** Runs `body` again and again until everything that it asks is known. */
  readonly decide: <A>(body: () => A) => Promise<A>
  /** Sends the writes with COMMIT. Throws {@link Unsettled} if the connection is lost meanwhile. */
  readonly commit: (writes: ReadonlyArray<Written>) => Promise<void>
}

export const askedOf = async (
  run: (sql: string, values: Written["values"]) => Promise<Found>,
  asks: Asks,
  asked: ReadonlyArray<Ask>,
  { answers }: Known,
): Promise<void> => {
  if (asked.length === 0) return
  const { sql, values, read } = asks.statement(asked)
  const [row] = await run(sql, values)
  read(row!, answers)
}

const commitOn = async (session: Session, writes: ReadonlyArray<Written>): Promise<void> => {
  const sent = [...writes.map(({ sql, values }) => session.run(sql, values)), session.script(END)]
  const failed = (await Promise.allSettled(sent)).find((one) => one.status === "rejected")
  if (failed === undefined) return
  if (isLost(failed.reason)) throw new Unsettled("the connection was lost at COMMIT", { cause: failed.reason })
  throw failed.reason
}

/** Runs `body` in a transaction that is always rolled back. */
export const rolledBack = async <A>({ script }: Session, body: () => Promise<A>): Promise<A> => {
  await script(begin)
  try {
    return await body()
  } finally {
    await script("ROLLBACK").catch(() => {})
  }
}

/** Runs `body` while the head is held, with `foreseen` fetched already; rolls back what `body` does not commit. */
export const holding = <A>(
  { connections: { write }, schema, asks }: Database,
  foreseen: ReadonlyArray<Ask>,
  body: (held: Held) => Promise<A>,
): Promise<A> =>
  write(async (session) => {
    const known = nothingKnown(asks)
    const fetch = (asked: ReadonlyArray<Ask>) => askedOf(session.run, asks, asked, known)
    let isCommitted = false
    try {
      const locking = session.script(`${begin} SELECT size, recorded_at, needs FROM ${schema}.head FOR UPDATE`)
      const [[head]] = await Promise.all([locking, fetch(foreseen)])
      if (Number(head?.["needs"]) > VERSION) throw newer()
      return await body({
        session,
        head: { size: Number(head?.["size"]), recordedAt: Number(head?.["recorded_at"]) },
        known,
        rows: known.rows,
        decide: (decision) => untilKnown(known, fetch, decision),
        commit: async (writes) => {
          await commitOn(session, writes)
          isCommitted = true
        },
      })
    } finally {
      if (!isCommitted) await session.script("ROLLBACK").catch(() => {})
    }
  })

const newer = () => {
  const message = "a newer grantlog has changed the tables of this database: upgrade this instance"
  return new StoreFault({ reason: "newer", message })
}

/** The same, failing with a {@link StoreFault}. */
export const unsettled = (cause: unknown): StoreFault =>
  cause instanceof Unsettled
    ? new StoreFault({
        reason: "other",
        message: "nobody knows whether this was written: look before doing it again; the connection was lost",
        cause: postgresFault(cause.cause).cause,
      })
    : postgresFault(cause)

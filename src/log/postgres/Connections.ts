/**
 * Connections to PostgreSQL: several for reading, and one for writing, which one writer uses at a time.
 *
 * Statements that are not awaited one by one are sent together. Writers of this process queue here, because all of them
 * would wait for the same row in the database. A pooler in transaction mode may stand in between, because no setting lasts
 * longer than a transaction; `?prepare=false` in the address is for a pooler that does not support prepared statements.
 * After a connection was lost, the next caller opens another one, after a short wait.
 */
import { connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import type { Options, PostgresType } from "postgres"
import type { Value } from "../Rows.ts"
import { addressOf, type Host } from "./Address.ts"
import { isLost, isPassing } from "./Fault.ts"

export type Values = ReadonlyArray<Value>
export type Found = ReadonlyArray<Readonly<Record<string, unknown>>>

/** The connection of a writer. Statements are sent at once and answered in order. */
export interface Session {
  readonly run: (sql: string, values?: Values) => Promise<Found>
  /** Runs several statements without values as one message; gives what the last of them finds. */
  readonly script: (sql: string) => Promise<Found>
}

export interface Connections {
  /** Runs one statement in a transaction of its own. */
  readonly read: (sql: string, values: Values) => Promise<Found>
  /** Runs `body`, and runs it again if it fails because its connection was lost or another transaction was faster. */
  readonly write: <A>(body: (session: Session) => Promise<A>) => Promise<A>
  /** Calls back whenever an instance announces on the channel that it has written, until it is closed. */
  readonly listen: (channel: string, onWritten: () => void) => void
  readonly close: () => Promise<void>
}

export type OpenPostgres = (url: string, readerCount: number) => Promise<Connections>

/** How often something is tried that a lost connection or a conflict ended, and how long to wait in between. */
const MAX_TRIES = 20
const RETRY_MILLIS = 100

/** A read that takes longer is cancelled. */
const READ_MILLIS = 10_000
const CONNECT_SECONDS = 5
const MAX_BACKOFF_MILLIS = 250

const patiently = async <A>(maxTries: number, body: () => Promise<A>): Promise<A> => {
  for (let tries = 1; ; tries++) {
    try {
      return await body()
    } catch (cause) {
      if (tries === maxTries || !isPassing(cause)) throw cause
    }
    await sleep(RETRY_MILLIS)
  }
}

/** Tells the driver to prepare statements with values, which it does not by default. */
const prepared = { prepare: true, simple: false }

/** What the driver has read in an address. */
interface Dialled {
  readonly path: string | false
  readonly host: ReadonlyArray<string>
  readonly port: ReadonlyArray<number>
}

/**
 * Connections are opened at one host until one of them ends, for whatever reason. Then they are opened at the next host,
 * after a wait that grows for as long as no statement succeeds.
 */
const dialling = (hosts: ReadonlyArray<Host>) => {
  let [turn, failureCount] = [0, 0]
  return {
    onDone: () => {
      failureCount = 0
    },
    /** What the driver calls each time that it opens a connection. */
    socket: async ({ path, host: [name], port: [number] }: Dialled): Promise<Socket> => {
      if (failureCount > 0) await sleep(Math.min(20 * 2 ** failureCount, MAX_BACKOFF_MILLIS))
      const own = turn
      const { host, port } = hosts[own % hosts.length] ?? { host: name!, port: number! }
      const socket = path === false ? connect(port, host) : connect(path)
      socket.once("close", () => {
        if (turn === own) turn++
        failureCount++
      })
      // The certificate has to be for this name.
      return Object.assign(socket, { host })
    },
  }
}

export const openPostgres = async (url: string, readerCount: number, maxTries = MAX_TRIES): Promise<Connections> => {
  const { url: one, hosts } = addressOf(url)
  const { default: postgres } = await import("postgres")
  const { socket, onDone } = dialling(hosts)
  const options = {
    types: { bigint: { to: 20, from: [20], parse: Number, serialize: String } },
    onnotice: () => {},
    // A limit would end connections that are in use.
    max_lifetime: null,
    connect_timeout: CONNECT_SECONDS,
    backoff: () => 0,
    connection: { application_name: "grantlog" },
    // A standby may lag behind what was acknowledged, so nothing may be answered from one, whatever the address says. The
    // driver's `read-write` lets a standby pass.
    target_session_attrs: "primary",
    ...hosts[0],
    ...{ socket },
  } satisfies Options<Record<string, PostgresType>>
  let isConnected = false
  let onLost = () => {}
  const readers = postgres(one.href, { ...options, max: readerCount })
  const writer = postgres(one.href, {
    ...options,
    max: 1,
    onclose: () => {
      isConnected = false
      onLost()
    },
  })

  const readOnce: Connections["read"] = async (sql, values) => {
    const query = readers.unsafe(sql, values as Array<never>, prepared)
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => {
      query.cancel()
      reject(Object.assign(new Error("read timed out"), { code: "57014", severity: "ERROR" }))
    }, READ_MILLIS)
    try {
      const found = await Promise.race([query, late])
      onDone()
      return found
    } finally {
      clearTimeout(timer)
    }
  }

  const writeOnce: Connections["write"] = async (body) => {
    // The driver forgets a caller who waits for a reserved connection while none can be opened, so one is opened first.
    if (!isConnected) await writer.unsafe("SELECT 1")
    isConnected = true
    onDone()
    const connection = await writer.reserve()
    const { promise: lost, reject } = Promise.withResolvers<never>()
    lost.catch(() => {})
    let isBroken = false
    onLost = () => {
      isBroken = true
      reject(Object.assign(new Error("connection lost"), { code: "CONNECTION_CLOSED" }))
    }
    // It is sent now: a statement that is only sent when it is awaited would go out behind later ones, such as COMMIT. And
    // the driver reports late what it was given between the error of a connection and its end.
    const send = async (sql: string, values: Values, how: object) => {
      if (isBroken) return lost
      try {
        return await Promise.race([lost, connection.unsafe(sql, values as Array<never>, how).execute()])
      } catch (cause) {
        isBroken ||= isLost(cause)
        throw cause
      }
    }
    try {
      return await body({
        run: (sql, values = []) => send(sql, values, prepared),
        script: async (sql) => {
          const results: ReadonlyArray<unknown> = await send(sql, [], { simple: true })
          const last = results.at(-1)
          return Array.isArray(last) ? (last as Found) : []
        },
      })
    } finally {
      if (isBroken) await lost.catch(() => {})
      else connection.release()
    }
  }

  /** Settles when the writers before have ended. */
  let turn: Promise<unknown> = Promise.resolve()

  return {
    read: (sql, values) => patiently(maxTries, () => readOnce(sql, values)),
    write: (body) => {
      const own = turn.then(() => patiently(maxTries, () => writeOnce(body)))
      turn = own.catch(() => {})
      return own
    },
    listen: (channel, onWritten) => void readers.listen(channel, onWritten).catch(() => {}),
    close: async () => {
      await Promise.all([readers, writer].map((pool) => pool.end({ timeout: CONNECT_SECONDS })))
    },
  }
}

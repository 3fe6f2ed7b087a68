/**
 * Connections to PostgreSQL: some to read on, and one to write on, which one writer has at a time.
 *
 * Statements that are not waited for one by one go out together. Whoever writes in this process waits for the others of
 * it here, for all would wait for the same row there. A pooler in transaction mode may stand between, for nothing is set
 * for longer than a transaction; `?prepare=false` in the address is for one that knows no prepared statements. A
 * connection that was lost is made again by the next who needs one, after a short wait.
 */
import { connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import type { Options, PostgresType } from "postgres"
import type { Value } from "../Rows.ts"
import { addressOf, type Host } from "./Address.ts"
import { isLost, isPassing } from "./Fault.ts"

export type Values = ReadonlyArray<Value>
export type Found = ReadonlyArray<Readonly<Record<string, unknown>>>

/** The connection of a writer. What it is given is sent at once and answered in order. */
export interface Session {
  readonly run: (sql: string, values?: Values) => Promise<Found>
  /** Several statements without values, as one message; what the last of them finds. */
  readonly script: (sql: string) => Promise<Found>
}

export interface Connections {
  /** One statement, in a transaction of its own. */
  readonly read: (sql: string, values: Values) => Promise<Found>
  /** Runs `body` once more if it throws that its connection was lost or that somebody else was quicker. */
  readonly write: <A>(body: (session: Session) => Promise<A>) => Promise<A>
  /** Calls back, until it is closed, when some instance says on the channel that it has written. */
  readonly listen: (channel: string, onWritten: () => void) => void
  readonly close: () => Promise<void>
}

export type OpenPostgres = (url: string, readerCount: number) => Promise<Connections>

/** How often what a lost connection or a conflict ended is tried, and after what wait. */
const MAX_TRIES = 20
const RETRY_MILLIS = 100

/** A read that takes longer is given up. */
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

/** For the driver, whose own default for statements with values is not to prepare them. */
const prepared = { prepare: true, simple: false }

/** What the driver has made of an address. */
interface Dialled {
  readonly path: string | false
  readonly host: ReadonlyArray<string>
  readonly port: ReadonlyArray<number>
}

/**
 * Connections are made at one host until one that was made there ends, whyever: then at the next, after a wait that grows
 * as long as nothing is done.
 */
const dialling = (hosts: ReadonlyArray<Host>) => {
  let [turn, failureCount] = [0, 0]
  return {
    onDone: () => {
      failureCount = 0
    },
    /** For the driver, each time that it makes a connection. */
    socket: async ({ path, host: [name], port: [number] }: Dialled): Promise<Socket> => {
      if (failureCount > 0) await sleep(Math.min(20 * 2 ** failureCount, MAX_BACKOFF_MILLIS))
      const own = turn
      const { host, port } = hosts[own % hosts.length] ?? { host: name!, port: number! }
      const socket = path === false ? connect(port, host) : connect(path)
      socket.once("close", () => {
        if (turn === own) turn++
        failureCount++
      })
      // The name that a certificate has to show.
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
    // One that is in use would be ended under whoever uses it.
    max_lifetime: null,
    connect_timeout: CONNECT_SECONDS,
    backoff: () => 0,
    connection: { application_name: "grantlog" },
    // A standby lags behind what was acknowledged: nothing may be answered from one, whatever the address says. The driver
    // takes one for `read-write`.
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
    // The driver loses whoever waits for a connection to himself while it cannot be made: it is made first.
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
    // Sent now: one that is left to whoever waits for it goes out behind what is sent after it, such as COMMIT. And the
    // driver fails later at what it is given between the error of a connection and its end.
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

  /** When those who write here before have ended. */
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

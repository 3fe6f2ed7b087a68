/**
 * One side of the benchmark, in a process of its own: grantlog over SQLite or PostgreSQL, a bare server that does the least, or
 * oidc-provider.
 *
 * Tells where it is over IPC, and answers how much it has used. Ends with its parent.
 */
import { once } from "node:events"
import { createServer } from "node:http"
import type { Profiler } from "node:inspector"
import { Session } from "node:inspector/promises"
import type { AddressInfo } from "node:net"
import { httpServer, nodeListener } from "../../src/entry/grantlog.ts"
import { openNodeSqlite, type OpenSqlite } from "../../src/log/index.ts"
import { bareListener, bareTarget } from "./Bare.ts"
import { openServer } from "./Grantlog.ts"
import type { Target } from "./Target.ts"

export type ServerKind = "bare" | "grantlog" | "oidc-provider"

/** What a server has used since it began. */
export interface Usage {
  readonly cpuMicros: number
  readonly commitCount: number
  /** Appends within those commits. */
  readonly appendCount: number
  /** Bytes of memory that it has now. */
  readonly residentBytes: number
}

/** A sampling profile of the server's thread, and how long it waited for the disk meanwhile. */
export interface Profiled {
  readonly profile: Profiler.Profile
  readonly waitedMicros: number
}

/** What the parent may ask; each has one answer. */
export type Question = "usage" | "begin profile" | "end profile"

/** A grantlog and a bare server know their clients; others have them registered. */
export type Started = { readonly target: Target } | { readonly issuer: string }

const [kind, folder = ".", database] = process.argv.slice(2) as [ServerKind, string?, string?]
let [commitCount, appendCount] = [0, 0]

const onCommit = (count: number) => {
  commitCount++
  appendCount += count
}

let waitedMicros = 0

/** The driver, which tells how long a commit held the thread without using its CPU. */
const openTimed: OpenSqlite = (file) => {
  const driver = openNodeSqlite(file)
  return {
    ...driver,
    prepare: (sql) => {
      const statement = driver.prepare(sql)
      if (sql !== "COMMIT") return statement
      return {
        ...statement,
        run: (...values) => {
          const [started, before] = [performance.now(), process.threadCpuUsage()]
          statement.run(...values)
          const { user, system } = process.threadCpuUsage(before)
          waitedMicros += (performance.now() - started) * 1000 - user - system
        },
      }
    },
  }
}

const listening = async (server: ReturnType<typeof createServer>): Promise<string> => {
  server.listen(0, "127.0.0.1")
  await once(server, "listening")
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const start = async (): Promise<Started> => {
  if (kind === "oidc-provider") {
    // Only where it is asked for: it takes memory, and a while to load.
    const { serveOidcProvider } = await import("../peers/oidcProvider.ts")
    const { issuer } = await serveOidcProvider({ storage: "memory", isPushed: false })
    return { issuer }
  }
  if (kind === "bare") return { target: bareTarget(await listening(createServer(bareListener(folder)))) }
  const { server, target } = await openServer(folder, { onCommit, open: openTimed }, database)
  return { target: target(await listening(httpServer(nodeListener(server)))) }
}

const inspector = new Session()

const answers: Readonly<Record<Question, () => unknown>> = {
  usage: (): Usage => {
    const { user, system } = process.cpuUsage()
    return { cpuMicros: user + system, commitCount, appendCount, residentBytes: process.memoryUsage.rss() }
  },
  "begin profile": async () => {
    inspector.connect()
    await inspector.post("Profiler.enable")
    await inspector.post("Profiler.start")
    waitedMicros = 0
    return {}
  },
  "end profile": async () => {
    const { profile } = await inspector.post("Profiler.stop")
    inspector.disconnect()
    return { profile, waitedMicros } satisfies Profiled
  },
}

process.on("message", async (question: Question) => process.send?.(await answers[question]()))
process.on("disconnect", () => process.exit(0))
process.send?.(await start())

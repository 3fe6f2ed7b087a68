/** Servers started for the benchmark, each a process of its own; whoever starts one here stops it. */
import { fork } from "node:child_process"
import { mkdirSync, readFileSync, readdirSync } from "node:fs"
import { join } from "node:path"
import { targetAt } from "./Registered.ts"
import type { Profiled, Question, ServerKind, Started, Usage } from "./Server.ts"
import type { Target } from "./Target.ts"

export interface Side {
  readonly target: Target
  /** CPU that the process has used so far. */
  readonly cpuMicros: () => Promise<number>
  readonly stop: () => Promise<void>
}

export interface ForkedSide extends Side {
  readonly usage: () => Promise<Usage>
  /** The profile of the server's thread while `load` runs. */
  readonly profileOf: (load: () => Promise<unknown>) => Promise<Profiled>
}

/** A server over the files in `folder`, which is made if it is not there; its log may be in a database. */
export const startSide = async (kind: ServerKind, folder: string, database?: string): Promise<ForkedSide> => {
  mkdirSync(folder, { recursive: true })
  const given = database === undefined ? [] : [database]
  const child = fork(new URL("./Server.ts", import.meta.url), [kind, folder, ...given])
  const next = <A>(): Promise<A> =>
    new Promise((resolve, reject) => {
      const end = (code: number | null) => reject(new Error(`the server ${kind} ended with ${code}`))
      child.once("exit", end)
      child.once("message", (message) => {
        child.off("exit", end)
        resolve(message as A)
      })
    })
  const ask = <A>(question: Question): Promise<A> => {
    child.send(question)
    return next<A>()
  }
  const usage = () => ask<Usage>("usage")
  const started = await next<Started>()
  return {
    target: "target" in started ? started.target : await targetAt(started.issuer),
    usage,
    profileOf: async (load) => {
      await ask("begin profile")
      await load()
      return ask<Profiled>("end profile")
    },
    cpuMicros: async () => (await usage()).cpuMicros,
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", () => resolve())
        child.disconnect()
      }),
  }
}

/** What cannot be measured here, and why: for who runs it, not for the table, since it may name folders. */
export interface Skipped {
  readonly skipped: string
}

const USER_HZ = 100

/** utime and stime of a process and of its children that have ended, in ticks of 10 ms (proc(5)). */
const cpuMicrosOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  const ticks = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15)
  return (ticks.reduce((sum, one) => sum + Number(one), 0) / USER_HZ) * 1e6
}

const childPids = (pid: number | "self" = "self"): ReadonlyArray<number> =>
  readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(join(`/proc/${pid}/task`, thread, "children"), "utf8")
      .split(" ")
      .filter((child) => child !== "")
      .map(Number),
  )

/** The same of a process and of the children that it has now. */
export const cpuMicrosWithChildren = (pid: number): number =>
  [pid, ...childPids(pid)].reduce((sum, one) => sum + cpuMicrosOf(one), 0)

/** FastMCP, in the environment that its tests make; says why where there is none. */
export const startFastmcpSide = async (): Promise<Side | Skipped> => {
  if (process.platform !== "linux") return { skipped: "the CPU of another process is read from /proc, on Linux alone" }
  const before = childPids()
  try {
    const { startFastmcp } = await import("../peers/Peer.ts")
    const { issuer, stop } = await startFastmcp()
    try {
      const [pid] = childPids().filter((one) => !before.includes(one))
      if (pid === undefined) throw new Error("its process is not in /proc")
      return { target: await targetAt(issuer), cpuMicros: async () => cpuMicrosOf(pid), stop }
    } catch (cause) {
      await stop()
      throw cause
    }
  } catch (cause) {
    const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n")
    return { skipped: `FastMCP did not start: ${reason}` }
  }
}

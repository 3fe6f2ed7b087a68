/** Databases of their own in the PostgreSQL of the run, made for a test file and dropped behind it. */
import { inject } from "vitest"
import { openPostgres } from "../../../src/log/postgres/Connections.ts"

const postgres = inject("postgres")

/** Whether there is any; where none is packaged for the platform, the run has said so. */
export const hasPostgres = postgres !== undefined

/** It is asked for by no server here, and must be found in nothing that is shown. */
export const PASSWORD = "hunter2"

export interface Databases {
  /** Makes an empty one, or a copy of one that nobody is connected to; gives its address, with a password in it. */
  readonly make: (copyOf?: string) => Promise<string>
  /** Runs one statement in one of them. */
  readonly run: (url: string, sql: string) => Promise<unknown>
  readonly drop: () => Promise<void>
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1)

export const databases = (): Databases => {
  const made: Array<string> = []
  const run = async (url: string, sql: string) => {
    const connections = await openPostgres(url, 1)
    try {
      return await connections.read(sql, [])
    } finally {
      await connections.close()
    }
  }
  return {
    make: async (copyOf) => {
      const name = `live_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
      await run(postgres!, `CREATE DATABASE ${name}${copyOf === undefined ? "" : ` TEMPLATE ${nameOf(copyOf)}`}`)
      made.push(name)
      const url = new URL(postgres!)
      url.pathname = `/${name}`
      url.password = PASSWORD
      return url.href
    },
    run,
    drop: async () => {
      for (const name of made) await run(postgres!, `DROP DATABASE ${name} WITH (FORCE)`)
    },
  }
}

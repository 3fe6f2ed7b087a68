/**
 * The one PostgreSQL of a run, for every project of it: started before the first test, gone after the last.
 *
 * A test makes a schema of its own in it. Where none is packaged for the platform, it is said and nothing is tried on it.
 */
import type { TestProject } from "vitest/node"
import { startPostgres, type PostgresServer } from "../support/Postgres.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the run's PostgreSQL is; `undefined` where there is none. */
    readonly postgres: string | undefined
  }
}

interface Shared {
  readonly server: Promise<PostgresServer | undefined>
  userCount: number
}

/** Projects load this file each for itself, in one process. */
const place = globalThis as { grantlogPostgres?: Shared | undefined }

const setup = async (project: TestProject) => {
  const shared = (place.grantlogPostgres ??= { server: startPostgres(), userCount: 0 })
  shared.userCount++
  const server = await shared.server
  if (server === undefined) {
    console.warn(
      `\n!!! no PostgreSQL is packaged for ${process.platform} ${process.arch}: the store in it is NOT tried here\n`,
    )
  }
  project.provide("postgres", server?.url)
  return async () => {
    if (--shared.userCount > 0) return
    place.grantlogPostgres = undefined
    await server?.remove()
  }
}

export default setup

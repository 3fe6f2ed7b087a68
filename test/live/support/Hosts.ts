/**
 * Processes that serve one log together, for tests that hold of each: two on a SQLite file, one of them a program that
 * mounts the library, and four on a PostgreSQL behind one door.
 */
import { postgresStore } from "../../../src/entry/grantlog.ts"
import type { Recorded } from "../../../src/log/index.ts"
import { databases, hasPostgres } from "./Databases.ts"
import { openDoor } from "./Door.ts"
import { temporaryFolder } from "./Folder.ts"
import { entriesOf, readLog } from "./LogAudit.ts"
import { serve, serveAs, serveProgram, type RunningServer } from "./ServeProcess.ts"

export interface Hosted {
  readonly servers: ReadonlyArray<RunningServer>
  /** Where requests are sent to, in turn. */
  readonly urls: ReadonlyArray<string>
  /** How a command is told which store it is. */
  readonly store: ReadonlyArray<string>
  readonly readLog: () => Promise<ReadonlyArray<Recorded>>
  readonly stop: () => Promise<void>
}

export interface Host {
  readonly name: string
  readonly start: () => Promise<Hosted>
}

const INSTANCES = 4

export const onFile: Host = {
  name: "two processes on a SQLite file",
  start: async () => {
    const folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    const serving = await serve(file, "--dpop", "on", "--refresh-retry-window", "600")
    const program = new URL("library.ts", import.meta.url)
    const servers = [serving, await serveProgram(program, file, serving.issuer)]
    return {
      servers,
      urls: servers.map(({ url }) => url),
      store: ["--store", `sqlite:${file}`],
      readLog: () => readLog(file),
      stop: async () => {
        await Promise.all(servers.map((server) => server.stop()))
        folder[Symbol.dispose]()
      },
    }
  },
}

export const onPostgres: Host = {
  name: `${INSTANCES} processes on PostgreSQL behind one door`,
  start: async () => {
    const folder = temporaryFolder()
    const { make, drop } = databases()
    const [url, beside] = [await make(), await make()]
    const store = ["--store", url, "--beside", beside, "--keys-file", folder.at("keys.json")]
    let servers: ReadonlyArray<RunningServer> = []
    const door = await openDoor(() => servers)
    const start = () => serveAs(...store, "--issuer", door.url, "--checkpoint-interval", "1", "--dpop", "on")
    // The first makes the key ring, which the others are given.
    servers = [await start()]
    servers = [...servers, ...(await Promise.all(Array.from({ length: INSTANCES - 1 }, start)))]
    return {
      servers,
      urls: [door.url],
      store,
      readLog: () => entriesOf(postgresStore(url)),
      stop: async () => {
        await Promise.all(servers.map((server) => server.stop()))
        door.close()
        await drop()
        folder[Symbol.dispose]()
      },
    }
  },
}

/** Where PostgreSQL is not packaged for the platform, the run has said so. */
export const hosts: ReadonlyArray<Host> = [onFile, ...(hasPostgres ? [onPostgres] : [])]

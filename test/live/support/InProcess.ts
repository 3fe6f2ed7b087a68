/**
 * The `grantlog` command run in this process: its output and its exit code, at a tenth of what a process costs.
 *
 * For what a command does with its arguments and its store; of its progress nothing is given. What only a process has,
 * such as signals, the modes of files or a reader that goes away, is tried with `Command.ts`. One runs after the other, for
 * there is one environment.
 */
import { Readable, Writable } from "node:stream"
import { format } from "node:util"
import { Effect } from "effect"
import { callOf, endingOf } from "../../../src/cli/Call.ts"
import type { Ran, RunOptions } from "./Command.ts"

export interface HereOptions extends Omit<RunOptions, "cwd"> {
  /** Gets all that was said so far, each time that something is said; what goes on by itself is ended as by Ctrl-C. */
  readonly onSaid?: (said: string, end: () => void) => void
  /** What of it is a terminal; default nothing. */
  readonly terminals?: ReadonlyArray<"stdin" | "stdout">
}

const keeping = (onChunk: () => void) => {
  const chunks: Array<Buffer> = []
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk)
      done()
      onChunk()
    },
  })
  return { stream, text: () => Buffer.concat(chunks).toString() }
}

/** What is said while something takes long: whether it is said hangs on the machine. */
const PROGRESS = /^(?:(?:entries|pages) \d+ of \d+, \d+\/s(?:, \d+ s left)?|\d+ grants looked at)\n/gm

const run = async (args: ReadonlyArray<string>, options: HereOptions): Promise<Ran> => {
  const { input = "", env, onSaid, terminals = [] } = options
  const ending = new AbortController()
  const onChunk = () => onSaid?.(stdout.text() + stderr.text(), () => ending.abort())
  const [stdout, stderr] = [keeping(onChunk), keeping(onChunk)]
  const streams = { stdin: Readable.from([Buffer.from(input)]), stdout: stdout.stream, stderr: stderr.stream }
  for (const name of terminals) Object.assign(streams[name], { isTTY: true })
  const names = Object.keys(streams) as ReadonlyArray<keyof typeof streams>
  const before = names.map((name) => [name, Object.getOwnPropertyDescriptor(process, name)!] as const)
  const environment = { ...process.env }
  for (const name of Object.keys(environment))
    if (/^(?:GRANTLOG_|OTEL_|FORCE_COLOR$)/.test(name)) delete process.env[name]
  Object.assign(process.env, env)
  for (const name of names) Object.defineProperty(process, name, { configurable: true, value: streams[name] })
  // Help goes to the console, which under vitest is none of the process.
  const { log } = console
  console.log = (...said) => void stdout.stream.write(`${format(...said)}\n`)
  try {
    const code = endingOf(await Effect.runPromiseExit(callOf(args), { signal: ending.signal }))
    return { code, stdout: stdout.text(), stderr: stderr.text().replaceAll(PROGRESS, "") }
  } finally {
    console.log = log
    for (const [name, descriptor] of before) Object.defineProperty(process, name, descriptor)
    for (const name of Object.keys(env ?? {})) delete process.env[name]
    Object.assign(process.env, environment)
  }
}

let last: Promise<unknown> = Promise.resolve()

/** Runs `grantlog …` to its end, when those before have ended. */
export const grantlogHere = (args: ReadonlyArray<string>, options: HereOptions = {}): Promise<Ran> => {
  const ran = last.then(() => run(args, options))
  last = ran.catch(() => {})
  return ran
}

/** Runs `grantlog … --json`; rejects unless it ended well, and gives what it printed. */
export const grantlogJsonHere = async <A>(args: ReadonlyArray<string>, options?: RunOptions): Promise<A> => {
  const { code, stdout, stderr } = await grantlogHere([...args, "--json"], options)
  if (code !== 0) throw new Error(`grantlog ${args.join(" ")} ended with ${code}: ${stderr}`)
  return JSON.parse(stdout) as A
}

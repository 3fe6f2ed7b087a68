/**
 * The line to a provider in Python: a process that runs `bridge.py`, and what it is asked and answers.
 *
 * Calls that are made in one go are sent as one round, and the next is sent when all that follows from the last one has
 * been said, so that the same calls meet in the same order whatever else the machine does. A process that ends, or that
 * is kept busy for too long and has to be ended, ends the check: nothing that it could say later would be worth anything.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { CannotCheck } from "../judging/Obstacles.ts"
import { Accident } from "../provider/Calls.ts"
import { interpreterFor } from "./Interpreter.ts"

/** Where something in Python comes from: a module by its dotted name or its file, and what in it makes a provider. */
export interface PythonTarget {
  /** A dotted name, or the path of a file that ends in `.py`. */
  readonly module: string
  /** What in the module makes a provider: a class, or a function. */
  readonly attribute: string
  /** The interpreter; by default that of the active environment, of the nearest `.venv`, or `python3`. */
  readonly python?: string
  /** Told each line that the provider prints. */
  readonly onPrinted?: (line: string) => void
  /** Ends it before its time. */
  readonly signal?: AbortSignal
}

export interface Answer {
  /** What can be seen of it. */
  readonly value: unknown
  /** What it is given back as. */
  readonly held?: number
}

export interface Bridge extends AsyncDisposable {
  /** Calls a method of one of the providers there, at that time, which is the kit's by default. */
  readonly ask: (guest: number, method: string, given: ReadonlyArray<unknown>, now?: number) => Promise<Answer>
}

/** What Python raised, by which a refusal is known. */
class Raised extends Error {
  readonly error: string | undefined
  constructor(name: string, message: string, error: string | undefined) {
    super(message)
    this.name = name
    this.error = error
  }
}

interface Failure {
  readonly name: string
  readonly message: string
  readonly code: string | null
  readonly isAccident: boolean
}

type Ended = { readonly id: number } & (Answer | { readonly error: Failure })

interface Said {
  readonly ready?: string
  readonly fault?: string
  readonly ended?: ReadonlyArray<Ended>
}

interface Waiting {
  readonly method: string
  readonly resolve: (answer: Answer) => void
  readonly reject: (cause: Error) => void
}

/** Importing what a provider stands on takes seconds on a busy machine. */
const START_MILLIS = 60_000
/** How long nothing may be heard, not even that the event loop still turns; less than a call is waited for. */
const SILENCE_MILLIS = 4000
const END_MILLIS = 2000
const LAST_LINES = 3

/** Beside this file, and beside the sources where this is built or bundled. */
const scriptPath = (): string => {
  const places = [
    "./bridge.py",
    "../../properties/kit/python/bridge.py",
    "../../../../properties/kit/python/bridge.py",
    "../../../properties/kit/python/bridge.py",
  ]
  const found = places.map((place) => fileURLToPath(new URL(place, import.meta.url))).find((path) => existsSync(path))
  if (found === undefined) throw new CannotCheck("`bridge.py` is missing from this package")
  return found
}

const errorOf = ({ name, message, code, isAccident }: Failure): Error =>
  name === "Unusable"
    ? new CannotCheck(message)
    : isAccident
      ? new Accident(name, message)
      : new Raised(name, message, code ?? undefined)

/** Starts Python, and resolves when the provider was found there; rejects with `CannotCheck` and what is in the way. */
export const openBridge = async (target: PythonTarget): Promise<Bridge> => {
  const { module, attribute, python = interpreterFor(module), onPrinted = () => {}, signal } = target
  // The order of a set of texts is another in each process unless it is fixed.
  const env = { ...process.env, PYTHONHASHSEED: "0", PYTHONUNBUFFERED: "1", PYTHONDONTWRITEBYTECODE: "1" }
  const child = spawn(python, ["-X", "utf8", scriptPath(), module, attribute], {
    env,
    signal,
    killSignal: "SIGKILL",
  })
  const line = lineTo(child, onPrinted)
  const timer = setTimeout(() => line.fail(`${python} did not get ready in ${START_MILLIS / 1000} s`), START_MILLIS)
  try {
    await line.ready
  } finally {
    clearTimeout(timer)
  }
  return line
}

const lineTo = (child: ChildProcessWithoutNullStreams, onPrinted: (line: string) => void) => {
  const { promise: ready, resolve: isReady, reject: isNotReady } = Promise.withResolvers<void>()
  const waiting = new Map<number, Waiting>()
  const printed: Array<string> = []
  let calls: Array<unknown> = []
  let nextId = 0
  let failure: CannotCheck | undefined
  let isFlushDue = false
  /** A round is sent and not answered: the two take turns. */
  let isAsked = false
  let watch: NodeJS.Timeout | undefined

  const fail = (message: string): void => {
    if (failure !== undefined) return
    failure = new CannotCheck(message)
    clearTimeout(watch)
    child.kill("SIGKILL")
    isNotReady(failure)
    for (const { reject } of waiting.values()) reject(failure)
    waiting.clear()
  }
  const methods = (): string => {
    const names = [...new Set([...waiting.values()].map(({ method }) => `\`${method}\``))]
    return names.length === 0 ? "" : ` in ${names.join(" or ")}`
  }
  const flush = (): void => {
    isFlushDue = false
    if (failure !== undefined || isAsked || waiting.size === 0) return
    isAsked = true
    child.stdin.write(`${JSON.stringify(calls)}\n`)
    calls = []
    watch = setTimeout(() => fail(`the provider hangs${methods()}: it holds the event loop of Python`), SILENCE_MILLIS)
  }
  /** When everything that follows from what was just said has been said. */
  const flushSoon = (): void => {
    if (isFlushDue) return
    isFlushDue = true
    setImmediate(flush)
  }
  const hear = ({ fault, ready: version, ended = [] }: Said): void => {
    if (failure !== undefined) return
    if (fault !== undefined) return fail(fault)
    if (version !== undefined) return isReady()
    clearTimeout(watch)
    isAsked = false
    for (const one of ended) {
      const { resolve, reject } = waiting.get(one.id)!
      waiting.delete(one.id)
      if ("error" in one) reject(errorOf(one.error))
      else resolve(one)
    }
    flushSoon()
  }

  child.on("error", (cause) => fail(`Python cannot be run: ${cause.message}; name an interpreter with --python`))
  child.on("close", (code, signal) => {
    const last = printed.length === 0 ? "" : `: ${printed.join(" ")}`
    fail(`Python ended${methods()} with ${signal ?? `code ${code}`}${last}`)
  })
  child.stdin.on("error", () => {})
  createInterface(child.stdout).on("line", (text) => hear(JSON.parse(text) as Said))
  createInterface(child.stderr).on("line", (text) => {
    printed.push(text)
    if (printed.length > LAST_LINES) printed.shift()
    onPrinted(text)
  })

  return {
    ready,
    fail,
    // The time of whoever asks: each may go by a clock of its own.
    ask: (guest: number, method: string, given: ReadonlyArray<unknown>, now = Date.now()) => {
      if (failure !== undefined) return Promise.reject(failure)
      const { promise, resolve, reject } = Promise.withResolvers<Answer>()
      const id = nextId++
      waiting.set(id, { method, resolve, reject })
      calls.push({ id, guest, now, method, arguments: given })
      flushSoon()
      return promise
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, "close")
      failure ??= new CannotCheck("the line to Python is closed")
      clearTimeout(watch)
      child.stdin.end()
      const timer = setTimeout(() => child.kill("SIGKILL"), END_MILLIS)
      await ended
      clearTimeout(timer)
    },
  }
}

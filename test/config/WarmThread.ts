/**
 * A pool of one thread for Stryker's runner: kept from one mutant to the next, so that the libraries load once.
 *
 * What is of this tree is loaded anew for every mutant (`warmThreadEntry.ts`), and so is everything after some hundred of
 * them. Never for other tests: what one leaves open in the thread is there for the next.
 */
import { EventEmitter } from "node:events"
import { Worker } from "node:worker_threads"
import type { PoolOptions, PoolWorker, WorkerRequest } from "vitest/node"
import type { Plugin } from "vitest/config"

const NAME = "warm-thread"
const MAX_RUNS = 100

interface Warm {
  readonly thread: Worker
  readonly isStarted: boolean
  readonly runCount: number
}

let warm: Warm | undefined
let listening = new EventEmitter()

const startThread = ({ env, execArgv }: PoolOptions): Warm => {
  const thread = new Worker(new URL("warmThreadEntry.ts", import.meta.url), {
    env,
    execArgv,
    stdout: true,
    stderr: true,
  })
  thread.stdout.resume()
  thread.stderr.resume()
  for (const event of ["message", "error", "exit"]) {
    thread.on(event, (...given) => {
      if (warm?.thread === thread) listening.emit(event, ...given)
      if (event === "exit" && warm?.thread === thread) warm = undefined
    })
  }
  return { thread, isStarted: false, runCount: 0 }
}

const createPoolWorker = (options: PoolOptions): PoolWorker => {
  const events = new EventEmitter()
  const answer = (type: "started" | "stopped") =>
    queueMicrotask(() => events.emit("message", { __vitest_worker_response__: true, type }))
  const isRequest = (message: WorkerRequest) => message.__vitest_worker_request__
  return {
    name: NAME,
    on: (event, listener) => void events.on(event, listener),
    off: (event, listener) => void events.off(event, listener),
    deserialize: (message) => message,
    start: async () => {
      warm ??= startThread(options)
      listening = events
    },
    stop: async () => {
      if (warm === undefined || warm.runCount < MAX_RUNS) return
      const { thread } = warm
      warm = undefined
      await thread.terminate()
    },
    send: (message) => {
      if (warm === undefined) return
      const { thread, isStarted, runCount } = warm
      if (isRequest(message) && message.type === "stop") return answer("stopped")
      if (isRequest(message) && message.type === "start") {
        if (isStarted) return answer("started")
        warm = { ...warm, isStarted: true }
      }
      if (!isRequest(message) || (message.type !== "run" && message.type !== "collect"))
        return thread.postMessage(message)
      warm = { ...warm, runCount: runCount + 1 }
      // The configuration that came at the start named another mutant's tests.
      thread.postMessage({ ...message, context: { ...message.context, config: options.project.serializedConfig } })
    },
  }
}

export const warmThread: Plugin = {
  name: NAME,
  configureVitest: ({ project, vitest }) => {
    vitest.onClose(() => void warm?.thread.terminate())
    project.config.pool = NAME
    project.config.poolRunner = { name: NAME, createPoolWorker }
  },
}

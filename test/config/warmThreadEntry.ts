/** The thread of `WarmThread.ts`: forgets before every run what this tree has loaded, and which mutant was active. */
import { parentPort } from "node:worker_threads"
import type { WorkerGlobalState } from "vitest"
import { init, runBaseTests, setupEnvironment } from "vitest/worker"

const port = parentPort!
let last: WorkerGlobalState | undefined

const run =
  (method: "run" | "collect") =>
  (state: WorkerGlobalState, traces: Parameters<typeof runBaseTests>[2]): Promise<void> => {
    for (const [path, loaded] of last?.evaluatedModules.idToModuleMap ?? []) {
      if (/\/vitest\/dist\/|@vitest\/dist/.test(path)) continue
      Object.assign(loaded, { promise: undefined, exports: undefined, evaluated: false })
      loaded.importers.clear()
    }
    Reflect.deleteProperty(globalThis, "__stryker__")
    last = state
    return runBaseTests(method, state, traces)
  }

init({
  post: (message) => port.postMessage(message),
  on: (listener) => void port.on("message", listener),
  off: (listener) => void port.off("message", listener),
  runTests: run("run"),
  collectTests: run("collect"),
  setup: setupEnvironment,
})

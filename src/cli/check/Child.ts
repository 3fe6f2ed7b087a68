/**
 * The process that a provider is checked in, so that it can hang, loop for ever, exit and fail as it likes.
 *
 * It loads the module, runs the check and says what came of it; the command watches it and ends it. It never writes to
 * standard output, which here is the standard error of the command.
 */
import { writeSync } from "node:fs"
import { messageOf } from "../../../properties/kit/provider/Calls.ts"
import { checkProvider } from "../../../properties/kit/provider/checkProvider.ts"
import { watch, type OnCalls } from "../../../properties/kit/provider/Watch.ts"
import {
  BEAT_MILLIS,
  lineOf,
  MESSAGES_FD,
  recordOf,
  STANDING_FD,
  type Checked,
  type Companion,
  type Job,
  type Message,
} from "./Job.ts"
import { loadProvider } from "./Load.ts"

/** When nobody listens any more, nothing is worth going on for. */
const say = (message: Message): void => {
  try {
    writeSync(MESSAGES_FD, lineOf(message))
  } catch {
    process.exit()
  }
}

let beat = 0
let standing: Parameters<OnCalls> = [[], undefined]
const record = (): void => {
  const [underWay, last] = standing
  writeSync(STANDING_FD, recordOf({ beat: ++beat, underWay, last: last ?? null }), 0)
}
const onCalls: OnCalls = (...now) => {
  standing = now
  record()
}
setInterval(record, BEAT_MILLIS).unref()

const { path, exportName, options } = JSON.parse(process.argv[2]!) as Job

const load = async () => {
  using watching = watch(onCalls)
  const loaded = await loadProvider(path, exportName)
  return { ...loaded, failure: watching.failure() }
}

let isDone = false
// Nothing is left to wait for, so that whatever is awaited never comes.
process.on("beforeExit", () => {
  if (!isDone) end({ _tag: "Fault", message: `\`${path}\` waits for something that never comes` })
})

/** Nothing that the provider left running is waited for. */
const end = (message: Message): void => {
  isDone = true
  say(message)
  process.exit()
}

const main = async (): Promise<Checked> => {
  const { factory, companions, needsLoader, failure } = await load()
  const report = await checkProvider(factory, {
    seedCount: Infinity,
    ...options,
    ...companions,
    budgetMillis: Math.max(0, options.budgetMillis - performance.now()),
    onProgress: (progress) => say({ _tag: "Progress", progress }),
    onCalls,
  })
  return {
    report: failure === undefined ? report : { ...report, failure },
    companions: Object.keys(companions) as ReadonlyArray<Companion>,
    needsLoader,
  }
}

main().then(
  (checked) => end({ _tag: "Report", checked }),
  (cause: unknown) => end({ _tag: "Fault", message: messageOf(cause) }),
)

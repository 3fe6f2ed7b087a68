/**
 * The access log: a line of JSON for each request that was answered, appended to a file, off the event loop.
 *
 * A line has the id that the log knows as the correlation of what came of the request, and nothing that anybody sent. A disk
 * that does not keep up costs lines and no request; how many is told once it does. SIGHUP opens the file anew, for who
 * rotates it.
 */
import { createWriteStream, type WriteStream } from "node:fs"
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { Answered, Step } from "../../http/index.ts"
import { CommandFault } from "../Failure.ts"

/** More than this in memory, and lines are left out. */
const MAX_WAITING_BYTES = 4 * 1024 * 1024

/** To the microsecond. */
const rounded = (millis: number): number => Math.round(millis * 1000) / 1000

/** How long it waited for what of it took time elsewhere, where it did. */
const waited = (steps: ReadonlyArray<Step>, name: Step["name"]) => {
  const own = steps.filter((step) => step.name === name)
  if (own.length === 0) return {}
  return { [`${name}_millis`]: rounded(own.reduce((sum, { millis }) => sum + millis, 0)) }
}

const lineOf = ({ at, requestId, method, endpoint, status, error, millis, steps }: Answered): string =>
  `${JSON.stringify({
    time: new Date(at).toISOString(),
    request_id: requestId,
    method,
    endpoint,
    status,
    error,
    millis: rounded(millis),
    ...waited(steps, "append"),
    ...waited(steps, "password"),
  })}\n`

const opened = (path: string): Effect.Effect<WriteStream, CommandFault> =>
  Effect.callback((resume) => {
    const stream = createWriteStream(path, { flags: "a", mode: 0o600 })
    stream.once("open", () => resume(Effect.succeed(stream)))
    stream.once("error", (cause: NodeJS.ErrnoException) =>
      resume(
        Effect.fail(new CommandFault({ message: `the access log \`${path}\` cannot be written (${cause.code})` })),
      ),
    )
  })

const closed = (stream: WriteStream): Effect.Effect<void> =>
  Effect.callback((resume) => {
    if (stream.destroyed) return resume(Effect.void)
    stream.once("close", () => resume(Effect.void))
    stream.end()
  })

/** What writes a line, for as long as the scope lives; `onFault` is told in a sentence what went wrong. */
export const openAccessLog = Effect.fnUntraced(function* (
  path: string,
  onFault: (sentence: string) => void,
): Effect.fn.Return<(answered: Answered) => void, CommandFault, Scope.Scope> {
  let leftOut = 0
  const watched = (stream: WriteStream): WriteStream =>
    stream.on("error", (cause: NodeJS.ErrnoException) => onFault(`\`${path}\` cannot be written (${cause.code})`))
  let current = watched(yield* opened(path))
  const reopen = () => {
    const before = current
    current = watched(createWriteStream(path, { flags: "a", mode: 0o600 }))
    before.end()
  }
  process.on("SIGHUP", reopen)
  yield* Effect.addFinalizer(() =>
    Effect.andThen(
      Effect.sync(() => process.off("SIGHUP", reopen)),
      Effect.suspend(() => closed(current)),
    ),
  )
  return (answered) => {
    if (current.destroyed || current.writableLength > MAX_WAITING_BYTES) {
      leftOut++
      return
    }
    if (leftOut > 0) {
      onFault(`${leftOut} lines were left out: the disk did not keep up`)
      leftOut = 0
    }
    current.write(lineOf(answered))
  }
})

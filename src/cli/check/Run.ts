/**
 * Running a check for the shell: what it says meanwhile goes to stderr, and nothing that it runs gets to stdout.
 *
 * A provider is somebody's own code in this process: what it prints would spoil the report, and what it throws outside
 * of any call ends the check with a sentence.
 */
import { Effect } from "effect"
import { plain } from "../../../properties/kit/render/Plain.ts"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { oneLine, UsageFault } from "../Failure.ts"

const CLEAR_LINE = "\r\u001b[2K"

/** One line that is written over on a terminal; elsewhere a line for each ten seconds. */
const QUIET_MILLIS = 10_000

const telling = (stream: NodeJS.WriteStream, isQuiet: boolean) => {
  let toldAt = -Infinity
  return {
    tell: (progress: string) => {
      const line = plain(progress)
      if (stream.isTTY && !isQuiet)
        return void stream.write(`${CLEAR_LINE}${line.slice(0, (stream.columns ?? 80) - 1)}`)
      if (performance.now() < toldAt + QUIET_MILLIS) return
      toldAt = performance.now()
      stream.write(`${line}\n`)
    },
    done: () => {
      if (stream.isTTY && !isQuiet) stream.write(CLEAR_LINE)
    },
  }
}

const messageOf = (cause: unknown): string => oneLine(cause instanceof Error ? cause.message : String(cause))

/** Standard output belongs to the report: what else is printed while `body` runs goes to stderr. */
const withoutStdout = async <A>(body: () => Promise<A>): Promise<A> => {
  const { write } = process.stdout
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write
  try {
    return await body()
  } finally {
    process.stdout.write = write
  }
}

/** Rejects with what anything throws while `body` runs, outside of every call that was waited for. */
const withStrays = async <A>(body: () => Promise<A>): Promise<A> => {
  const { promise: stray, reject } = Promise.withResolvers<never>()
  const onStray = (cause: unknown) => reject(new Error(`something failed outside of any call: ${messageOf(cause)}`))
  process.on("uncaughtException", onStray)
  try {
    return await Promise.race([body(), stray])
  } finally {
    process.off("uncaughtException", onStray)
  }
}

/** Runs a check to its report; whatever keeps it from one is exit code 2, for no promise was seen to be broken. */
export const runCheck = (
  check: (onProgress: (progress: string) => void) => Promise<KitReport>,
  { isAsking }: { readonly isAsking: boolean },
): Effect.Effect<KitReport, UsageFault> =>
  Effect.tryPromise({
    try: async () => {
      const { tell, done } = telling(process.stderr, isAsking)
      try {
        return await withoutStdout(() => withStrays(() => check(tell)))
      } finally {
        done()
      }
    },
    catch: (cause) => new UsageFault({ message: messageOf(cause) }),
  })

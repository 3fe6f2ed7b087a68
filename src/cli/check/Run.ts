/**
 * Running a check for the shell: what it says meanwhile goes to stderr, and nothing that it runs gets to stdout.
 *
 * A provider is somebody's own code in this process: what it prints would spoil the report, and what it throws outside
 * of any call ends the check with a sentence.
 */
import { Effect } from "effect"
import { plain } from "../../../properties/kit/render/Plain.ts"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { UsageFault } from "../Failure.ts"
import { divertOutput, isTerminal, oneLine, overwrite, tell } from "../Terminal.ts"

/** How often progress is told to what is no terminal. */
const QUIET_MILLIS = 10_000

interface Telling {
  readonly tell: (progress: string) => void
  readonly done: () => void
}

/** One line that is written over on a terminal; elsewhere a line now and then. */
const telling = (isAsking: boolean): Telling => {
  // What a person is asked for must not be written over.
  const isLive = isTerminal("stderr") && !isAsking
  let toldAt = -Infinity
  return {
    tell: (progress) => {
      if (isLive) return overwrite(progress)
      if (performance.now() < toldAt + QUIET_MILLIS) return
      toldAt = performance.now()
      tell(plain(progress))
    },
    done: () => {
      if (isLive) overwrite("")
    },
  }
}

export const messageOf = (cause: unknown): string => oneLine(cause instanceof Error ? cause.message : String(cause))

/** Standard output belongs to the report: what else is printed while `body` runs goes to stderr. */
export const withoutStdout = <A, E, R>(body: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.acquireUseRelease(
    Effect.sync(divertOutput),
    () => body,
    (giveBack) => Effect.sync(giveBack),
  )

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
): Effect.Effect<KitReport, UsageFault> => {
  const { tell: told, done } = telling(isAsking)
  return Effect.tryPromise({
    try: () => withStrays(() => check(told)),
    catch: (cause) => new UsageFault({ message: messageOf(cause) }),
  }).pipe(Effect.ensuring(Effect.sync(done)))
}

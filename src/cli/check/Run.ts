/**
 * Running a check for the shell: what it says meanwhile goes to stderr, for stdout belongs to the report.
 *
 * Somebody's own code does not run in this process (`Watching.ts`).
 */
import * as Effect from "effect/Effect"
import { plain } from "../../../properties/kit/render/Plain.ts"
import { UsageFault } from "../Failure.ts"
import { isTerminal, oneLine, overwrite, tell } from "../Terminal.ts"

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

const messageOf = (cause: unknown): string => oneLine(cause instanceof Error ? cause.message : String(cause))

/** Runs a check to its report; whatever keeps it from one is exit code 2, for no promise was seen to be broken. */
export const runCheck = <A>(
  check: (told: { readonly onProgress: (progress: string) => void; readonly signal: AbortSignal }) => Promise<A>,
  { isAsking }: { readonly isAsking: boolean },
): Effect.Effect<A, UsageFault> => {
  const { tell: told, done } = telling(isAsking)
  return Effect.tryPromise({
    try: (signal) => check({ onProgress: told, signal }),
    catch: (cause) => new UsageFault({ message: messageOf(cause) }),
  }).pipe(Effect.ensuring(Effect.sync(done)))
}

/**
 * Where many lines go: standard output or a file, each write waited for, so that nothing piles up.
 *
 * A reader of standard output that goes away ends the writing, which is nobody's fault. A file is written beside its
 * name and takes it when it is whole; what is no plain file, such as a pipe, is written as it stands.
 */
import { statSync } from "node:fs"
import { open, rename, rm, type FileHandle } from "node:fs/promises"
import { Data, Effect, Option, type Scope } from "effect"
import { CommandFault } from "./Failure.ts"
import { writeOut } from "./Terminal.ts"

/** Whoever read standard output has gone: nothing more is to be written, and nothing is wrong. */
export class ReaderGone extends Data.TaggedError("ReaderGone")<{}> {}

export interface Output {
  readonly write: (text: string) => Effect.Effect<void, CommandFault | ReaderGone>
  /** All is written: the file takes its name. */
  readonly finish: Effect.Effect<void, CommandFault>
}

const codeOf = (cause: unknown): string => (cause as NodeJS.ErrnoException).code ?? String(cause)

const toStandardOutput = (text: string): Effect.Effect<void, CommandFault | ReaderGone> =>
  Effect.callback((resume) => {
    writeOut(text, (error) => {
      if (!error) return resume(Effect.void)
      const message = `standard output cannot be written (${codeOf(error)})`
      resume(Effect.fail(codeOf(error) === "EPIPE" ? new ReaderGone() : new CommandFault({ message })))
    })
  })

const standardOutput: Effect.Effect<Output> = Effect.succeed({ write: toStandardOutput, finish: Effect.void })

const isPlain = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() ?? true

const fileOutput = (path: string): Effect.Effect<Output, CommandFault, Scope.Scope> => {
  const attempt = <A>(body: () => Promise<A>) =>
    Effect.tryPromise({
      try: body,
      catch: (cause) => new CommandFault({ message: `\`${path}\` cannot be written (${codeOf(cause)})` }),
    })
  return Effect.gen(function* () {
    const isReplaced = isPlain(path)
    const place = isReplaced ? `${path}.next` : path
    let isWhole = false
    const release = (file: FileHandle) =>
      Effect.promise(async () => {
        await file.close()
        if (isReplaced && !isWhole) await rm(place, { force: true })
      })
    const file = yield* Effect.acquireRelease(
      attempt(() => open(place, "w", 0o600)),
      release,
    )
    return {
      write: (text) => attempt(() => file.appendFile(text)),
      finish: attempt(async () => {
        if (isReplaced) {
          await file.sync()
          await rename(place, path)
        }
        isWhole = true
      }),
    }
  })
}

/** Standard output, or the file of this path for as long as the scope lives. */
export const outputTo = (path: Option.Option<string>): Effect.Effect<Output, CommandFault, Scope.Scope> =>
  Option.match(path, { onNone: () => standardOutput, onSome: fileOutput })

/**
 * Where many lines go: standard output or a file, each write waited for, so that nothing piles up.
 *
 * A reader of standard output that goes away ends the writing, which is nobody's fault. A file is written beside its
 * name and takes it when it is whole; one that is there is replaced only by force. What is no plain file, such as a pipe,
 * is written as it stands.
 */
import { lstatSync, statSync } from "node:fs"
import { link, open, rename, rm, type FileHandle } from "node:fs/promises"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Flag from "effect/cli/Flag"
import { CommandFault, UsageFault } from "./Failure.ts"
import { writeOut } from "./Terminal.ts"

export const force = Flag.Boolean("force").pipe(
  Flag.withDescription("replace a file that is there"),
  Flag.withDefault(false),
)

/** Whoever read standard output has gone: nothing more is to be written, and nothing is wrong. */
export class ReaderGone extends Data.TaggedError("ReaderGone")<{}> {}

export interface Output {
  readonly write: (text: string) => Effect.Effect<void, CommandFault | ReaderGone>
  /** All is written: the file takes its name. */
  readonly finish: Effect.Effect<void, CommandFault | UsageFault>
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

const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined

const refusal = (path: string) => new UsageFault({ message: `\`${path}\` is there already: --force replaces it` })

/** Refuses a file that is there, unless it is to be replaced: for whoever works long before anything is written. */
export const checkReplaceable = (path: string, isForced: boolean): Effect.Effect<void, UsageFault> =>
  isForced || !isPlain(path) || !isThere(path) ? Effect.void : Effect.fail(refusal(path))

const fileOutput = (path: string, isForced: boolean): Effect.Effect<Output, CommandFault | UsageFault, Scope.Scope> => {
  const attempt = <A>(body: () => Promise<A>) =>
    Effect.tryPromise({
      try: body,
      catch: (cause) => new CommandFault({ message: `\`${path}\` cannot be written (${codeOf(cause)})` }),
    })
  return Effect.gen(function* () {
    yield* checkReplaceable(path, isForced)
    const isReplaced = isPlain(path)
    const place = isReplaced ? `${path}.${process.pid}.next` : path
    let hasMoved = false
    /** Whoever made the file in the meantime keeps it: a link takes no name that is taken. */
    const take = Effect.tryPromise({
      try: async () => {
        await (isForced ? rename(place, path) : link(place, path))
        hasMoved = isForced
      },
      catch: (cause) =>
        codeOf(cause) === "EEXIST"
          ? refusal(path)
          : new CommandFault({ message: `\`${path}\` cannot be written (${codeOf(cause)})` }),
    })
    const release = (file: FileHandle) =>
      Effect.promise(async () => {
        await file.close()
        if (isReplaced && !hasMoved) await rm(place, { force: true })
      })
    const file = yield* Effect.acquireRelease(
      attempt(() => open(place, "w", 0o600)),
      release,
    )
    return {
      write: (text) => attempt(() => file.appendFile(text)),
      finish: isReplaced
        ? Effect.andThen(
            attempt(() => file.sync()),
            take,
          )
        : Effect.void,
    }
  })
}

/** Standard output, or the file of this path for as long as the scope lives. */
export const outputTo = (
  path: Option.Option<string>,
  isForced: boolean,
): Effect.Effect<Output, CommandFault | UsageFault, Scope.Scope> =>
  Option.match(path, { onNone: () => standardOutput, onSome: (file) => fileOutput(file, isForced) })

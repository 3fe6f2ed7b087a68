/**
 * How a command fails: a line on stderr and exit code 1; wrong usage is 2.
 *
 * What the server and its store say already says what to do, so it is printed as it is.
 */
import * as Data from "effect/Data"
import type { CheckpointFault } from "../audit/proof/Checkpoints.ts"
import type { StoreFault } from "../log/index.ts"
import type { ConfigFault, OAuthError, RateLimited, Unavailable } from "../provider/index.ts"
import { oneLine } from "./Terminal.ts"

export class CommandFault extends Data.TaggedError("CommandFault")<{
  readonly message: string
  /** Whether what was named is not there. */
  readonly isAbsence?: boolean
}> {}

/** What was named is not there. */
export const absent = (message: string): CommandFault => new CommandFault({ message, isAbsence: true })

/** What was asked for cannot be meant: exit code 2. */
export class UsageFault extends Data.TaggedError("UsageFault")<{ readonly message: string }> {}

/** Said wherever a secret is found among the arguments; never which one. */
export const secretInArguments = new UsageFault({
  message:
    "a token or secret is among the arguments, where every process of this machine can read it: give it on standard input instead, and end it if that matters",
})

export const EXIT_FAILED = 1
export const EXIT_USAGE = 2

type Expected =
  CommandFault | UsageFault | ConfigFault | StoreFault | Unavailable | RateLimited | CheckpointFault | OAuthError

/** Failures that are expected, by their tags: to have the classes, the server would be loaded. */
const expected: Readonly<Record<Expected["_tag"], true>> = {
  CommandFault: true,
  UsageFault: true,
  ConfigFault: true,
  StoreFault: true,
  Unavailable: true,
  RateLimited: true,
  CheckpointFault: true,
  OAuthError: true,
}

const isExpected = (failure: unknown): failure is Expected =>
  failure instanceof Error && "_tag" in failure && Object.hasOwn(expected, String(failure._tag))

/** The line for the operator; `undefined` for what is no expected failure. */
export const sentenceOf = (failure: unknown): string | undefined => {
  if (!isExpected(failure)) return undefined
  return oneLine(failure._tag === "OAuthError" ? failure.description : failure.message)
}

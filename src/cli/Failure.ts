/**
 * How a command fails: a line on stderr and exit code 1; wrong usage is 2.
 *
 * What the server and its store say already says what to do, so it is printed as it is.
 */
import * as Data from "effect/Data"
import { ConfigFault, OAuthError, RateLimited, Unavailable } from "../provider/index.ts"
import { CheckpointFault } from "../audit/proof/Checkpoints.ts"
import { StoreFault } from "../log/index.ts"
import { oneLine } from "./Terminal.ts"

export class CommandFault extends Data.TaggedError("CommandFault")<{ readonly message: string }> {}

/** What was asked for cannot be meant: exit code 2. */
export class UsageFault extends Data.TaggedError("UsageFault")<{ readonly message: string }> {}

export const EXIT_FAILED = 1
export const EXIT_USAGE = 2

/** The line for the operator; `undefined` for what is no expected failure. */
export const sentenceOf = (failure: unknown): string | undefined => {
  if (failure instanceof OAuthError) return oneLine(failure.description)
  const isExpected =
    failure instanceof CommandFault ||
    failure instanceof UsageFault ||
    failure instanceof ConfigFault ||
    failure instanceof StoreFault ||
    failure instanceof Unavailable ||
    failure instanceof RateLimited ||
    failure instanceof CheckpointFault
  return isExpected ? oneLine(failure.message) : undefined
}

/**
 * A call of the `grantlog` command: what runs for its arguments, and how that ends, in words and an exit code.
 *
 * Exit codes: 0 done or told to stop, 1 refused or failed, 2 wrong usage. It knows no process.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as CliError from "effect/cli/CliError"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import { hasSecret } from "../audit/explain/SecretText.ts"
import { withoutFalseFlags } from "./Arguments.ts"
import { grantlogFor } from "./commands/index.ts"
import { EXIT_FAILED, EXIT_USAGE, secretInArguments, sentenceOf, UsageFault } from "./Failure.ts"
import { bySource } from "./Flags.ts"
import { invocationFault } from "./Invocation.ts"
import { oneLine, tell, writeOut } from "./Terminal.ts"
import { version, versionLine } from "./Version.ts"

const exitCodeOf = (failure: unknown): number => {
  if (CliError.isCliError(failure)) {
    return failure._tag === "ShowHelp" && failure.errors.length === 0 ? 0 : EXIT_USAGE
  }
  return failure instanceof UsageFault ? EXIT_USAGE : EXIT_FAILED
}

const tellVersion: Effect.Effect<void> = Effect.callback((resume) => writeOut(versionLine(), () => resume(Effect.void)))

/** A call that cannot be understood gets a line that says why and where the help is, not the help itself. */
const presenterFor = (given: ReadonlyArray<string>) =>
  CliOutput.layerPresenter({
    present: (event) => {
      if (event._tag === "Version") return tellVersion
      if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
      const faults = event.errors.map((error) => oneLine(bySource(invocationFault(error), given))).join("; ")
      return Effect.sync(() => tell(`grantlog: ${faults} (try ${event.commandPath.join(" ")} --help)`))
    },
  })

/** Before anything reads the arguments: what cannot be understood is repeated, and a secret must not be. */
export const callOf = (given: ReadonlyArray<string>) =>
  (given.some(hasSecret)
    ? Effect.fail(secretInArguments)
    : Effect.flatMap(
        Effect.promise(() => grantlogFor(given)),
        (grantlog) => Command.runWith(grantlog, { version: version() })([...withoutFalseFlags(given)]),
      )
  ).pipe(Effect.provide(presenterFor(given)), Effect.provide(NodeServices.layer))

/** Says what went wrong, and gives the exit code. */
export const endingOf = (exit: Exit.Exit<unknown, unknown>, given: ReadonlyArray<string>): number => {
  if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return 0
  const failure = Cause.squash(exit.cause)
  if (!CliError.isCliError(failure))
    tell(`grantlog: ${bySource(sentenceOf(failure) ?? Cause.pretty(exit.cause), given)}`)
  return exitCodeOf(failure)
}

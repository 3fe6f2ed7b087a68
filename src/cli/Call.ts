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
import { twoPlaces, withoutFalseFlags } from "./Arguments.ts"
import { grantlogFor } from "./commands/index.ts"
import { EXIT_FAILED, EXIT_USAGE, secretInArguments, sentenceOf, UsageFault } from "./Failure.ts"
import { bySource, configurationFile, Configured } from "./Flags.ts"
import { readConfiguration } from "./ConfigurationFile.ts"
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
const presenterFor = (given: ReadonlyArray<string>, configured: Configured) =>
  CliOutput.layerPresenter({
    present: (event) => {
      if (event._tag === "Version") return tellVersion
      if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
      return Effect.map(readable(configured), (configuration) => {
        const faults = event.errors.map((error) => oneLine(bySource(invocationFault(error), given, configuration)))
        tell(`grantlog: ${[...new Set(faults)].join("; ")} (try ${event.commandPath.join(" ")} --help)`)
      })
    },
  })

type Configured = (typeof Configured)["Service"]

/** For telling what went wrong, a file that cannot be read says nothing: that it cannot be is told already. */
const readable = (configured: Configured) => Effect.orElseSucceed(configured, () => undefined)

/** Says what went wrong, other than what is told by the presenter. */
const tellFailure = (cause: Cause.Cause<unknown>, given: ReadonlyArray<string>, configured: Configured) =>
  Effect.map(readable(configured), (configuration) => {
    const failure = Cause.squash(cause)
    if (Cause.hasInterruptsOnly(cause) || CliError.isCliError(failure)) return
    tell(`grantlog: ${bySource(sentenceOf(failure) ?? Cause.pretty(cause), given, configuration)}`)
  })

const run = Effect.fnUntraced(function* (given: ReadonlyArray<string>) {
  const configured = yield* Effect.cached(readConfiguration(configurationFile(given)))
  const grantlog = yield* Effect.promise(() => grantlogFor(given))
  yield* Command.runWith(grantlog, { version: version() })([...withoutFalseFlags(given)]).pipe(
    // Whatever ended it, an interruption by which it could not end well among it.
    Effect.onError((cause) => tellFailure(cause, given, configured)),
    Effect.provide(presenterFor(given, configured)),
    Effect.provideService(Configured, configured),
  )
})

/** What is wrong with the arguments before anything reads them: what cannot be understood is repeated, and a secret must not be. */
const faultOf = (given: ReadonlyArray<string>): UsageFault | undefined => {
  if (given.some(hasSecret)) return secretInArguments
  const flag = twoPlaces(given)
  return flag === undefined
    ? undefined
    : new UsageFault({
        message: `${flag} is about a store that is opened here, and --admin asks a server: leave out one`,
      })
}

export const callOf = (given: ReadonlyArray<string>) => {
  const fault = faultOf(given)
  return fault === undefined
    ? Effect.provide(run(given), NodeServices.layer)
    : Effect.tapError(Effect.fail(fault), ({ message }) => Effect.sync(() => tell(`grantlog: ${message}`)))
}

/** The exit code. */
export const endingOf = (exit: Exit.Exit<unknown, unknown>): number =>
  Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause) ? 0 : exitCodeOf(Cause.squash(exit.cause))

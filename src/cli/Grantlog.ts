/**
 * The `grantlog` command: its subcommands, and how it ends. Exit codes: 0 done or told to stop, 1 refused or failed, 2 wrong
 * usage. It runs by being loaded, which `main.ts` does where Node is new enough.
 */
import { readFileSync } from "node:fs"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit } from "effect"
import { CliError, CliOutput, Command } from "effect/cli"
import { hasSecret } from "../audit/index.ts"
import { secretInArguments } from "./audit/ReadQuestion.ts"
import { EXIT_FAILED, EXIT_USAGE, sentenceOf, UsageFault } from "./Failure.ts"
import { ignoreGoneReaders, oneLine, tell } from "./Terminal.ts"
import { withoutFalseFlags } from "./Arguments.ts"
import { grantlog } from "./commands/index.ts"
import { bySource } from "./Flags.ts"
import { invocationFault } from "./Invocation.ts"

/** The version of the package this file belongs to, in a checkout and when installed. */
const version = (): string => {
  const manifest = ["../../package.json", "../../../package.json"]
    .map((path) => new URL(path, import.meta.url))
    .map((url) => {
      try {
        return JSON.parse(readFileSync(url, "utf8")) as { readonly version: string }
      } catch {
        return undefined
      }
    })
  return manifest.find((one) => one !== undefined)?.version ?? "unknown"
}

const exitCodeOf = (failure: unknown): number => {
  if (CliError.isCliError(failure)) {
    return failure._tag === "ShowHelp" && failure.errors.length === 0 ? 0 : EXIT_USAGE
  }
  return failure instanceof UsageFault ? EXIT_USAGE : EXIT_FAILED
}

// Databases and key rings are for the user who serves, and nobody else.
process.umask(0o077)

ignoreGoneReaders()

const given = process.argv.slice(2)

/** A call that cannot be understood gets a line that says why and where the help is, not the help itself. */
const presenter = CliOutput.layerPresenter({
  present: (event) => {
    if (event._tag !== "InvalidInvocation") return CliOutput.defaultPresenter.present(event)
    const faults = event.errors.map((error) => oneLine(bySource(invocationFault(error), given))).join("; ")
    return Effect.sync(() => tell(`grantlog: ${faults} (try ${event.commandPath.join(" ")} --help)`))
  },
})

/** Before anything reads the arguments: what cannot be understood is repeated, and a secret must not be. */
const run = given.some(hasSecret)
  ? Effect.fail(secretInArguments)
  : Command.runWith(grantlog, { version: version() })([...withoutFalseFlags(given)])

const program = run.pipe(Effect.provide(presenter), Effect.provide(NodeServices.layer))

NodeRuntime.runMain(program, {
  disableErrorReporting: true,
  teardown: (exit, onExit) => {
    if (Exit.isSuccess(exit)) return onExit(0)
    if (Cause.hasInterruptsOnly(exit.cause)) return onExit(0)
    const failure = Cause.squash(exit.cause)
    if (!CliError.isCliError(failure))
      tell(`grantlog: ${bySource(sentenceOf(failure) ?? Cause.pretty(exit.cause), given)}`)
    onExit(exitCodeOf(failure))
  },
})

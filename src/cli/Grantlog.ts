/**
 * The `grantlog` command as a process. It runs by being loaded, which `main.ts` does where Node is new enough.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { callOf, endingOf } from "./Call.ts"
import { ignoreGoneReaders } from "./Terminal.ts"

// Databases and key rings are for the user who serves, and nobody else.
process.umask(0o077)

ignoreGoneReaders()

NodeRuntime.runMain(callOf(process.argv.slice(2)), {
  disableErrorReporting: true,
  // Who is told to stop is done, unless the command says otherwise.
  teardown: (exit, onExit) => onExit(endingOf(exit) || Number(process.exitCode ?? 0)),
})

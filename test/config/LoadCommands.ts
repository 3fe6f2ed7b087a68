/**
 * Loads every command of `grantlog` before any test runs. A command is loaded when it is named, and what Stryker breaks
 * in what runs then would be tried by the one test that happened to name it first.
 */
import { grantlogFor } from "../../src/cli/commands/index.ts"

// What cannot be loaded is for the tests to tell.
await grantlogFor(["--wizard"]).catch(() => {})

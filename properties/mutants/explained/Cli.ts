/** Why mutants of Stryker in `src/cli` may live. */
import type { Explanation } from "../Explanation.ts"
import { admin } from "./cli/Admin.ts"
import { audit } from "./cli/Audit.ts"
import { calls } from "./cli/Calls.ts"
import { check } from "./cli/Check.ts"
import { consolePages } from "./cli/Console.ts"
import { firstCommands } from "./cli/FirstCommands.ts"
import { lastCommands } from "./cli/LastCommands.ts"
import { observe } from "./cli/Observe.ts"
import { serve } from "./cli/Serve.ts"
import { stores } from "./cli/Stores.ts"
import { witness } from "./cli/Witness.ts"

export const cli: ReadonlyArray<Explanation> = [
  ...admin,
  ...audit,
  ...calls,
  ...check,
  ...consolePages,
  ...firstCommands,
  ...lastCommands,
  ...observe,
  ...serve,
  ...stores,
  ...witness,
]

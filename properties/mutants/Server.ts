/** Mutants of the way from a request to an append and back, for the engines that try the whole server. */
import { against, memory, race, simulated, noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

const EXECUTE = "src/provider/CommandHandler.ts"
const TOKEN = "src/provider/TokenOperations.ts"
const TIME = "src/provider/Timekeeper.ts"

export const serverMutants: ReadonlyArray<Mutant> = [
  against(
    [race, simulated],
    undefined,
    "server",
    "after a conflict the old events are sent again",
    edit(EXECUTE, "  for (let tries = 0;", "  let decided: Decision | undefined\n  for (let tries = 0;"),
    edit(
      EXECUTE,
      "const { events, reply }: Decision = decide(state, command)",
      "const { events, reply }: Decision = (decided ??= decide(state, command))",
    ),
  ),
  against(
    [memory],
    "ReadsChangeNothing",
    "server",
    "a look at a token that is dead removes the row of its grant",
    edit(
      "src/projection/LiveAccess.ts",
      'if (access === undefined || grant === undefined || grant["status"] !== "open") return undefined',
      'if (access === undefined || grant?.["status"] !== "open") return void rows.delete(grantTable, [grantId])',
    ),
  ),
  against(
    [memory],
    "RotationIsLinear",
    "server",
    "a retry is answered with tokens of its own",
    edit(TOKEN, "candidates = salt && deriveWith(salt)", "candidates = deriveWith(randomness.bytes(16))"),
    edit(
      "src/core/decide/Refresh.ts",
      `if (given !== undefined && given.digest !== derived) return deny("refresh-key-unavailable")`,
      "",
    ),
  ),
  against(
    [simulated],
    undefined,
    "server",
    "a clock that jumped, back or ahead, is believed",
    edit(TIME, "if (Math.abs(claimed - awake) <= MAX_JUMP_MILLIS)", "if (!Number.isNaN(claimed))"),
  ),
  noticed(
    "server",
    "test/provider/Timekeeper.test.ts",
    "a process that starts with a clock behind the log",
    "an instance that starts with a clock behind the log goes back in time",
    edit(TIME, "let latest = Math.max(started.wall, notBefore)", "let latest = started.wall"),
    edit(TIME, "started.wall + passed, notBefore + awake)", "started.wall + passed)"),
  ),
  against(
    [simulated],
    undefined,
    "server",
    "an append that nobody knows the outcome of is decided again",
    edit(
      EXECUTE,
      `outcome._tag === "WrongExpectedVersion" || outcome._tag === "CheckFailed"`,
      `outcome._tag === "Unknown" || outcome._tag === "WrongExpectedVersion" || outcome._tag === "CheckFailed"`,
    ),
  ),
]

/**
 * `grantlog token`: a fresh access token for scripts, refreshed if it has to be, without asking anybody.
 *
 * It is a secret, so that a terminal, with its scrollback and its onlookers, gets it only if that is meant.
 */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { mcpFlags, withClient } from "../McpLogin.ts"
import { printLine } from "../Print.ts"
import { isTerminal, oneLine } from "../Terminal.ts"

export const token = makeCommand(
  "token",
  {
    ...mcpFlags,
    show: Flag.Boolean("show").pipe(Flag.withDescription("print it to a terminal, too"), Flag.withDefault(false)),
  },
  Effect.fn(function* (flags) {
    if (isTerminal("stdout") && !flags.show) {
      return yield* new UsageFault({ message: "a token is a secret: pipe it, or say --show to see it" })
    }
    const fresh = yield* withClient(
      flags,
      () => ({}),
      (oauth) => oauth.token(),
    )
    if (fresh === undefined) {
      return yield* new CommandFault({ message: `there is no login for it: run grantlog login ${flags.mcpUrl}` })
    }
    yield* printLine(oneLine(fresh))
  }),
).pipe(
  Command.withExamples([
    {
      command:
        'curl -H "Authorization: Bearer $(grantlog token https://mcp.example.com/mcp)" https://mcp.example.com/mcp',
      description: "Call a server",
    },
  ]),
)

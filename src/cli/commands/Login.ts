/** `grantlog login`: logs in at an MCP server through the browser, and keeps the login for other programs and later. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { makeCommand } from "../Defaults.ts"
import { count, json, text, words } from "../Flags.ts"
import { mcpFlags, withClient } from "../McpLogin.ts"
import { printJson, printLine, time } from "../Print.ts"
import { oneLine } from "../Terminal.ts"

export const login = makeCommand(
  "login",
  {
    ...mcpFlags,
    scopes: text("scopes", "what to ask for besides what the server demands, space-separated").pipe(
      Flag.withDefault(""),
    ),
    callbackPort: count("callback-port", "the port that the browser comes back to; by default a free one").pipe(
      Flag.optional,
    ),
    printLink: Flag.Boolean("print-link").pipe(
      Flag.withDescription("print the address instead of opening a browser"),
      Flag.withDefault(false),
    ),
    json,
  },
  Effect.fn(function* (flags) {
    const more = {
      scopes: words(flags.scopes),
      ...Option.match(flags.callbackPort, { onNone: () => ({}), onSome: (callbackPort) => ({ callbackPort }) }),
      ...(flags.printLink ? { openBrowser: () => false } : {}),
    }
    const { tokens, expiresAt, issuer } = yield* withClient(flags, more, (oauth) => oauth.authFlow())
    const until = expiresAt === undefined ? undefined : time(expiresAt)
    yield* flags.json
      ? printJson({ issuer, scope: tokens.scope, expires: until })
      : printLine(
          oneLine(`logged in at ${issuer}${tokens.scope === undefined ? "" : `, with the scope ${tokens.scope}`}`),
        )
  }),
).pipe(Command.withExamples([{ command: "grantlog login https://mcp.example.com/mcp", description: "Log in once" }]))

/**
 * `grantlog login`: logs in at an MCP server, and keeps the login for other programs and later.
 *
 * Through the browser, or as a device: the user enters a code wherever they have one. Being stopped before somebody has
 * answered is a failure, so that no script goes on as if it were logged in.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import type { DevicePrompt, OAuthOptions } from "../../client/index.ts"
import { makeCommand } from "../Defaults.ts"
import { EXIT_FAILED, UsageFault } from "../Failure.ts"
import { count, json, switched, text, words } from "../Flags.ts"
import { mcpFlags, withClient } from "../McpLogin.ts"
import { printJson, printLine, time } from "../Print.ts"
import { oneLine, tell } from "../Terminal.ts"

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
    device: Flag.Boolean("device").pipe(
      Flag.withDescription("print a code to enter in a browser anywhere, where the server takes devices"),
      Flag.withDefault(false),
    ),
    dpop: switched(
      "dpop",
      "bind the login to a key that is kept beside it, where the server takes such (RFC 9449): a stolen token is worth nothing",
    ),
    json,
  },
  Effect.fn(function* (flags) {
    if (flags.device && (flags.printLink || Option.isSome(flags.callbackPort))) {
      const message = "--device has no browser that comes back: leave out --print-link and --callback-port"
      return yield* new UsageFault({ message })
    }
    const more = (stopped: AbortSignal): Partial<OAuthOptions> => ({
      scopes: words(flags.scopes),
      ...Option.match(flags.callbackPort, { onNone: () => ({}), onSome: (callbackPort) => ({ callbackPort }) }),
      ...(flags.dpop ? { dpop: true } : {}),
      ...(flags.printLink ? { openBrowser: () => false } : {}),
      ...(flags.device ? { device: { signal: stopped, show: show(flags.json) } } : {}),
    })
    const loggedIn = withClient(flags, more, (oauth) => oauth.authFlow())
    const { tokens, expiresAt, issuer } = yield* toldIfStopped(loggedIn)
    const until = expiresAt === undefined ? undefined : time(expiresAt)
    yield* flags.json
      ? printJson({ issuer, scope: tokens.scope, expires: until })
      : printLine(
          oneLine(`logged in at ${issuer}${tokens.scope === undefined ? "" : `, with the scope ${tokens.scope}`}`),
        )
  }),
).pipe(
  Command.withExamples([
    { command: "grantlog login https://mcp.example.com/mcp", description: "Log in once" },
    { command: "grantlog login --device https://mcp.example.com/mcp", description: "Log in without a browser here" },
  ]),
)

/** Programs read the code from standard output; people are told beside it, like the link for a browser. */
const show =
  (isJson: boolean) =>
  async ({ userCode, verificationUri, verificationUriComplete, expiresAt, issuer }: DevicePrompt): Promise<void> => {
    const expires = time(expiresAt)
    if (isJson) {
      return Effect.runPromise(printJson({ issuer, userCode, verificationUri, verificationUriComplete, expires }))
    }
    const withCode =
      verificationUriComplete === undefined
        ? ""
        : `\n\nor open this, and compare the code:\n\n  ${verificationUriComplete}`
    tell(
      `open this address in a browser:\n\n  ${verificationUri}\n\nand enter this code there before ${expires}:\n\n  ${userCode}${withCode}\n`,
    )
  }

/** An interruption carries no failure, so the process is told its exit code. */
const toldIfStopped = <A, E>(waiting: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.onInterrupt(waiting, () =>
    Effect.sync(() => {
      tell("grantlog: stopped before the login was done")
      process.exitCode = EXIT_FAILED
    }),
  )

/** `grantlog logout`: forgets a login, and tells the server. */
import * as Effect from "effect/Effect"
import { makeCommand } from "../Defaults.ts"
import { json } from "../Flags.ts"
import { mcpFlags, withClient } from "../McpLogin.ts"
import { printJson, printLine } from "../Print.ts"

export const logout = makeCommand(
  "logout",
  { ...mcpFlags, json },
  Effect.fn(function* (flags) {
    const hasHeard = yield* withClient(
      flags,
      () => ({}),
      (oauth) => oauth.logout(),
    )
    const sentence = hasHeard ? "logged out; the server was told" : "logged out here; the server was not told"
    yield* flags.json ? printJson({ loggedOut: true, serverTold: hasHeard }) : printLine(sentence)
  }),
)

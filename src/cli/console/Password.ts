/** The console's password: from the environment, never from an argument, or made up for this run where nobody else can reach it. */
import { createHash, timingSafeEqual } from "node:crypto"
import * as Effect from "effect/Effect"
import { isOnSharedHost } from "../../http/Browser.ts"
import { isLoopbackIssuer, liveRandomness, mintPassword } from "../../provider/index.ts"
import { UsageFault } from "../Failure.ts"

const PASSWORD_VARIABLE = "GRANTLOG_CONSOLE_PASSWORD"
const MIN_CHARACTERS = 16

export interface ConsolePassword {
  readonly password: string
  /** Whether it was made up just now, and has to be shown. */
  readonly isNew: boolean
}

const digest = (text: string): Buffer => createHash("sha256").update(text).digest()

/** Compares what is given as digests: how long that takes says nothing. */
export const passwordTest = (password: string): ((given: string) => boolean) => {
  const expected = digest(password)
  return (given) => timingSafeEqual(digest(given), expected)
}

/** Before anything is made. An issuer that is no URL is for whoever reads the configuration to refuse. */
export const consolePassword = (
  issuer: string,
  given: string | undefined = process.env[PASSWORD_VARIABLE],
): Effect.Effect<ConsolePassword, UsageFault> => {
  const refuse = (message: string) => Effect.fail(new UsageFault({ message }))
  if (given !== undefined && given !== "") {
    return [...given].length >= MIN_CHARACTERS
      ? Effect.succeed({ password: given, isNew: false })
      : refuse(`${PASSWORD_VARIABLE} is too short: give at least ${MIN_CHARACTERS} characters`)
  }
  return !URL.canParse(issuer) || isLoopbackIssuer(issuer)
    ? Effect.succeed({ password: mintPassword(liveRandomness), isNew: true })
    : refuse(`--console needs a password: set ${PASSWORD_VARIABLE} to at least ${MIN_CHARACTERS} characters`)
}

/** Where the console is and what it asks for, as whoever starts it is told; `password` if it was made up. */
export const consoleLine = (base: string, password: string | undefined): string => {
  const asked = isOnSharedHost(base) ? "any user name and the password" : "the password"
  return password === undefined
    ? `Console at ${base}/console, with ${asked} in ${PASSWORD_VARIABLE}`
    : `Console at ${base}/console, with ${asked} ${password} (for this run)`
}

/**
 * What must not be seen: from standard input, and where that is a terminal, asked for and not shown.
 *
 * It is read as far as a password or a token may be long: whatever is piped in does not fill the memory.
 */
import { createInterface } from "node:readline/promises"
import * as Effect from "effect/Effect"
import { boundedText } from "../protocol/index.ts"
import { UsageFault } from "./Failure.ts"
import { askFor, isTerminal, tell } from "./Terminal.ts"

const askTerminal = async (question: string): Promise<string> => {
  askFor(question)
  // Without an output, nothing of what is typed is shown.
  const terminal = createInterface({ input: process.stdin, terminal: true })
  try {
    return await terminal.question("")
  } finally {
    terminal.close()
    tell("")
  }
}

/** No password and no token is as long. */
export const MAX_HIDDEN_BYTES = 65_536

/** All of standard input, or the line that is typed after the question; a usage fault for more than there may be. */
export const readHidden = Effect.fnUntraced(function* (question: string): Effect.fn.Return<string, UsageFault> {
  if (isTerminal("stdin")) return yield* Effect.promise(() => askTerminal(question))
  const piped = yield* Effect.promise(() => boundedText(process.stdin, MAX_HIDDEN_BYTES))
  if (piped !== undefined) return piped
  const message = `standard input has more than ${MAX_HIDDEN_BYTES} bytes: give it the password or the token alone`
  return yield* new UsageFault({ message })
})

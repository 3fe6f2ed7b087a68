/** What must not be seen: from standard input, and where that is a terminal, asked for and not shown. */
import { createInterface } from "node:readline/promises"
import { text } from "node:stream/consumers"
import { Writable } from "node:stream"
import * as Effect from "effect/Effect"
import { askFor, isTerminal, tell } from "./Terminal.ts"

const askTerminal = async (question: string): Promise<string> => {
  askFor(question)
  const output = new Writable({ write: (_chunk, _encoding, done) => done() })
  const terminal = createInterface({ input: process.stdin, output, terminal: true })
  try {
    return await terminal.question("")
  } finally {
    terminal.close()
    tell("")
  }
}

/** All of standard input, or the line that is typed after the question. */
export const readHidden = (question: string): Effect.Effect<string> =>
  Effect.promise(() => (isTerminal("stdin") ? askTerminal(question) : text(process.stdin)))

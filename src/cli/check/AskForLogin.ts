/**
 * Asking a person to sign in: an authorization URL on stderr, and where it led from stdin.
 *
 * Nobody is waited for without end: an empty line, the end of the input or five minutes of silence end the asking.
 */
import { createInterface } from "node:readline"
import { plain } from "../../../properties/kit/render/Plain.ts"
import { askFor, tell } from "../Terminal.ts"

const PATIENCE_MILLIS = 300_000

export interface Asking extends Disposable {
  readonly ask: (authorizationUrl: string) => Promise<string | undefined>
}

export const askOnTerminal = (): Asking => {
  const reader = createInterface({ input: process.stdin })
  const lines = reader[Symbol.asyncIterator]()
  return {
    ask: async (url) => {
      tell(`\nopen this URL and sign in; it leads to an address where nothing listens:\n  ${plain(url)}`)
      askFor("paste that whole address here (an empty line ends the asking): ")
      const { promise: silence, resolve } = Promise.withResolvers<undefined>()
      const timer = setTimeout(() => resolve(undefined), PATIENCE_MILLIS)
      try {
        const line = await Promise.race([lines.next(), silence])
        return line === undefined || line.done === true ? undefined : line.value
      } finally {
        clearTimeout(timer)
      }
    },
    [Symbol.dispose]: () => reader.close(),
  }
}

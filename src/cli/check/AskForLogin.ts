/**
 * Asking a person to sign in, or to allow a device: an address on stderr, and what came of it from stdin.
 *
 * Nobody is waited for without end: an empty line, the end of the input or five minutes of silence end the asking.
 */
import { createInterface } from "node:readline"
import { plain } from "../../../properties/kit/render/Plain.ts"
import { askFor, tell } from "../Terminal.ts"

const PATIENCE_MILLIS = 300_000

export interface Asking extends Disposable {
  readonly ask: (authorizationUrl: string) => Promise<string | undefined>
  /** Has what a device asks for allowed, at that page and with that code. */
  readonly allow: (url: string, userCode: string) => Promise<unknown>
}

export const askOnTerminal = (): Asking => {
  const reader = createInterface({ input: process.stdin })
  const lines = reader[Symbol.asyncIterator]()
  const nextLine = async (): Promise<string | undefined> => {
    const { promise: silence, resolve } = Promise.withResolvers<undefined>()
    const timer = setTimeout(() => resolve(undefined), PATIENCE_MILLIS)
    try {
      const line = await Promise.race([lines.next(), silence])
      return line === undefined || line.done === true ? undefined : line.value
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    ask: (url) => {
      tell(`\nopen this URL and sign in; it leads to an address where nothing listens:\n  ${plain(url)}`)
      askFor("paste that whole address here (an empty line ends the asking): ")
      return nextLine()
    },
    allow: (url, userCode) => {
      tell(`\nopen this URL and allow the device whose code is ${plain(userCode)}:\n  ${plain(url)}`)
      askFor("press Enter when that is done: ")
      return nextLine()
    },
    [Symbol.dispose]: () => reader.close(),
  }
}

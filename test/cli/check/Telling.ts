/** Standard streams of the process replaced for the time of a test. */
import { Writable } from "node:stream"
import { onTestFinished } from "vitest"

export const replace = (name: "stdin" | "stderr", value: unknown): void => {
  const before = Object.getOwnPropertyDescriptor(process, name)!
  Object.defineProperty(process, name, { configurable: true, value })
  onTestFinished(() => void Object.defineProperty(process, name, before))
}

/** What is told on standard error from now on, which is a terminal without colours or none. */
export const telling = ({ isTerminal = false } = {}): (() => string) => {
  let told = ""
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      told += chunk.toString()
      done()
    },
  })
  replace("stderr", Object.assign(stream, { isTTY: isTerminal, getColorDepth: () => 1 }))
  return () => told
}

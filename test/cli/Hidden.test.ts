/** What must not be seen: read from standard input as far as it may be long, or typed without being shown. */
import { PassThrough, Readable, Writable } from "node:stream"
import { Effect, Result } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { MAX_HIDDEN_BYTES, readHidden } from "../../src/cli/Hidden.ts"

/** What is asked with this as standard input: the answer, and what was shown meanwhile. */
const asked = async (stdin: Readable) => {
  let shown = ""
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      shown += chunk.toString()
      done()
    },
  })
  const streams = { stdin, stdout: stream, stderr: stream }
  for (const [name, value] of Object.entries(streams)) {
    const before = Object.getOwnPropertyDescriptor(process, name)!
    Object.defineProperty(process, name, { configurable: true, value })
    onTestFinished(() => void Object.defineProperty(process, name, before))
  }
  const result = await Effect.runPromise(Effect.result(readHidden("password: ")))
  return { answer: Result.isSuccess(result) ? result.success : result.failure, shown }
}

/** A terminal at which somebody types this. */
const typing = (...keys: ReadonlyArray<string>) => {
  const modes: Array<boolean> = []
  const terminal = Object.assign(new PassThrough(), {
    isTTY: true,
    modes,
    setRawMode: (isRaw: boolean) => modes.push(isRaw),
  })
  for (const key of keys) terminal.write(key)
  return terminal
}

describe("what is piped", () => {
  it("is the answer as it is, and nothing is asked", async () => {
    expect(await asked(Readable.from([Buffer.from("a password"), Buffer.from("\n")]))).toEqual({
      answer: "a password\n",
      shown: "",
    })
  })

  it("is taken as long as it may be, and refused where it is longer", async () => {
    expect(MAX_HIDDEN_BYTES).toBe(65_536)
    const most = "a".repeat(MAX_HIDDEN_BYTES)
    expect((await asked(Readable.from([Buffer.from(most)]))).answer).toBe(most)
    const { answer } = await asked(Readable.from([Buffer.from(`${most}a`)]))
    expect(answer).toMatchObject({
      _tag: "UsageFault",
      message: "standard input has more than 65536 bytes: give it the password or the token alone",
    })
  })
})

describe("what is typed", () => {
  it("is the answer, and only the question is shown, with a line that ends it", async () => {
    expect(await asked(typing("hunter2", "\r"))).toEqual({ answer: "hunter2", shown: "password: \n" })
  })

  it("can be corrected, as at any terminal", async () => {
    const terminal = typing("hunter3", "\u007f", "2", "\r")
    expect(await asked(terminal)).toEqual({ answer: "hunter2", shown: "password: \n" })
    // It is given back as it was.
    expect(terminal.modes).toEqual([true, false])
  })
})

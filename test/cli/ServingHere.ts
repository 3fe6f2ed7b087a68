/** `grantlog serve` run in this process from when it says where it is until it is told to stop: what it says, and how it ends. */
import { Writable } from "node:stream"
import { Effect, Fiber } from "effect"
import { callOf, endingOf } from "../../src/cli/Call.ts"

export interface ServingHere extends AsyncDisposable {
  /** What it printed when it had started. */
  readonly printed: string
  /** The same where it was told to print JSON. */
  readonly said: { readonly issuer: string; readonly port: number } & Readonly<Record<string, unknown>>
  /** What it told the operator so far. */
  readonly told: () => string
  /** What it told, as soon as that has this in it. */
  readonly until: (part: string) => Promise<string>
  /** Tells it to stop; its exit code. */
  readonly stop: () => Promise<number>
}

const replacing = (name: "stdout" | "stderr", onText: (text: string) => void): Disposable => {
  const before = Object.getOwnPropertyDescriptor(process, name)!
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      onText(chunk.toString())
      done()
    },
  })
  Object.defineProperty(process, name, { configurable: true, value: stream })
  return { [Symbol.dispose]: () => void Object.defineProperty(process, name, before) }
}

/** Starts it, on a port that is free; rejects with what it said where it does not start. */
export const servingHere = async (
  args: ReadonlyArray<string>,
  env: Readonly<Record<string, string>> = {},
): Promise<ServingHere> => {
  const started = Promise.withResolvers<string>()
  let told = ""
  let onTold = () => {}
  Object.assign(process.env, env)
  using replaced = new DisposableStack()
  replaced.use(replacing("stdout", started.resolve))
  replaced.use(
    replacing("stderr", (text) => {
      told += text
      onTold()
    }),
  )
  const fiber = Effect.runFork(callOf(["serve", "--port", "0", ...args]))
  const ended = Effect.runPromise(Fiber.await(fiber)).then(endingOf)
  void ended.then((code) => started.reject(new Error(`serve ended with ${code}: ${told}`)))
  const printed = await started.promise
  for (const name of Object.keys(env)) delete process.env[name]
  const streams = replaced.move()
  const stop = async () => {
    await Effect.runPromise(Fiber.interrupt(fiber))
    streams.dispose()
    return ended
  }
  return {
    printed,
    said: args.includes("--json") ? JSON.parse(printed) : {},
    told: () => told,
    until: (part) =>
      new Promise((resolve) => {
        onTold = () => {
          if (told.includes(part)) resolve(told)
        }
        onTold()
      }),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

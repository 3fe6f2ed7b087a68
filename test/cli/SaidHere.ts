/** What reaches standard output and standard error while something of the command runs in this process. */
import { Writable } from "node:stream"
import { Effect } from "effect"
import { vi } from "vitest"

export interface Said {
  readonly stdout: string
  readonly stderr: string
}

interface Streams {
  readonly stdout?: NodeJS.WriteStream
  readonly stderr?: NodeJS.WriteStream
}

/** A stream that keeps what is written to it, or fails so; `members` are those of a terminal. */
export const keptStream = (members: Readonly<Record<string, unknown>> = {}, fault?: Error) => {
  let text = ""
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      text += chunk.toString()
      done(fault)
    },
  })
  stream.on("error", () => {})
  return { stream: Object.assign(stream, members) as unknown as NodeJS.WriteStream, text: () => text }
}

/** Runs `body` with these streams in the place of the process's own. */
export const withStreams = async <A>({ stdout, stderr }: Streams, body: () => A | Promise<A>): Promise<A> => {
  const spies = [
    ...(stdout === undefined ? [] : [vi.spyOn(process, "stdout", "get").mockReturnValue(stdout as never)]),
    ...(stderr === undefined ? [] : [vi.spyOn(process, "stderr", "get").mockReturnValue(stderr as never)]),
  ]
  try {
    return await body()
  } finally {
    spies.forEach((spy) => spy.mockRestore())
  }
}

/** What `body` writes. */
export const saidBy = async (body: () => unknown): Promise<Said> => {
  const [stdout, stderr] = [keptStream(), keptStream()]
  await withStreams({ stdout: stdout.stream, stderr: stderr.stream }, body)
  return { stdout: stdout.text(), stderr: stderr.text() }
}

/** What an effect writes. */
export const saidIn = <E>(effect: Effect.Effect<unknown, E>): Promise<Said> => saidBy(() => Effect.runPromise(effect))

/**
 * The way back for who has no browser on this machine: the address that the browser ended on, pasted.
 *
 * A line counts if it is an answer to this very login; anything else is answered with what to do, and the wait goes on.
 */
import { createInterface } from "node:readline"
import { belongsTo } from "./CallbackServer.ts"

export interface PasteOptions {
  readonly input: NodeJS.ReadableStream
  /** Told what to do, and what was wrong. */
  readonly say: (sentence: string) => void
  readonly state: string
  readonly signal: AbortSignal
}

/** The parameters of the first pasted address that answers this login; never settles if there is none. */
export const pastedAnswer = ({ input, say, state, signal }: PasteOptions): Promise<URLSearchParams> =>
  new Promise((resolve) => {
    const lines = createInterface({ input, signal })
    say("then, if the browser is on another machine, paste the address that it ends on:")
    lines.on("line", (line) => {
      if (line.trim() === "") return
      const parameters = URL.parse(line.trim())?.searchParams
      if (parameters !== undefined && belongsTo(state, parameters)) {
        lines.close()
        return resolve(parameters)
      }
      say("that is not the address of this login: paste all of it, from http to the end")
    })
  })

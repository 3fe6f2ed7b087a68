/**
 * What the command and the process that it runs a provider in say to each other.
 *
 * The job is an argument, messages are lines of JSON, and where the check stands is a record in a file that is written
 * over: it can be read when nothing runs in that process any more but a busy loop.
 */
import type { KitReport } from "../../../properties/kit/Report.ts"
import type { ProviderOptions } from "../../../properties/kit/provider/checkProvider.ts"

/** What may stand beside the factory in a module. */
export type Companion = "approve" | "restart" | "store" | "limits"

/** Which module, and how it is checked. */
export interface Job {
  readonly path: string
  readonly exportName: string
  readonly options: Pick<ProviderOptions, "seed" | "seedCount" | "path" | "only" | "scopes" | "resources"> & {
    readonly budgetMillis: number
  }
}

/** A report, and what is known by now of the module. */
export interface Checked {
  readonly report: KitReport
  /** What it exports beside the provider that the check used. */
  readonly companions: ReadonlyArray<Companion>
  /** Whether Node alone could not load it. */
  readonly needsLoader: boolean
}

export type Message =
  | { readonly _tag: "Progress"; readonly progress: string }
  /** What cannot be checked, in a sentence. */
  | { readonly _tag: "Fault"; readonly message: string }
  | { readonly _tag: "Report"; readonly checked: Checked }

/** Where the check stands. */
export interface Standing {
  /** Another one each time; it stays the same where the event loop stands still. */
  readonly beat: number
  readonly underWay: ReadonlyArray<string>
  readonly last: string | null
}

/** What the child finds open for it. */
export const MESSAGES_FD = 3
export const STANDING_FD = 4

/** How often the child says that its event loop turns. */
export const BEAT_MILLIS = 500

const RECORD_SIZE = 1024

/** A record of one size, so that one that is written over another leaves nothing of it. */
export const recordOf = (standing: Standing): string =>
  JSON.stringify(standing).slice(0, RECORD_SIZE).padEnd(RECORD_SIZE)

export const RECORD_BYTES = RECORD_SIZE

/** Nothing where nothing was written yet. */
export const standingIn = (record: string): Standing | undefined => {
  try {
    return JSON.parse(record) as Standing
  } catch {
    return undefined
  }
}

export const lineOf = (message: Message): string => `${JSON.stringify(message)}\n`

/** What one says to the other that is no message of theirs is nothing. */
export const messageIn = (line: string): Message | undefined => {
  try {
    return JSON.parse(line) as Message
  } catch {
    return undefined
  }
}

/**
 * Something that operations can be tried on, whatever it is: the server, the server behind HTTP, somebody else's.
 *
 * It speaks in numbers (`Holder.ts`), keeps its own clock, and never judges. What it cannot do is said, not faked.
 */
import type { Start } from "./Opening.ts"
import type { Operation, OperationTag, Reply } from "./Operation.ts"

export interface System {
  readonly name: string
  /** What every sequence starts with on it; default what every system can do. */
  readonly start?: Start
  /** Whether it has the device grant; default not. */
  readonly hasDevices?: boolean
  /** Whether there is any way to do such a thing with it. */
  readonly possible: (tag: OperationTag) => boolean
  /** Whether this one, of a kind that is possible, can be done; what cannot is left out. */
  readonly accepts: (operation: Operation) => boolean
  /** What can be seen of a reply here: where a wire says less, replies that it cannot tell apart become the same. */
  readonly sees: (operation: Operation, reply: Reply) => Reply
  readonly run: (operation: Operation) => Promise<Reply>
  /** Its time, milliseconds since the epoch. */
  readonly now: () => number
  readonly close: () => Promise<void>
}

/** A system in which nothing has happened yet. */
export type SystemFactory = () => Promise<System>

/** Everything that comes back over a wire is seen as it is. */
export const seenInFull = (_operation: Operation, reply: Reply): Reply => reply

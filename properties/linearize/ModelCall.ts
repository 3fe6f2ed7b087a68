/** What the model is asked, and the state it is asked in, when its things go by the numbers of an observer. */
import type { Model } from "../Model.ts"
import type { Operation } from "../Operation.ts"
import type { Numbers } from "./Numbers.ts"

export interface ModelCall {
  readonly operation: Operation
  /** When it may have been decided, in milliseconds since the epoch. */
  readonly times: ReadonlyArray<number>
  /** What the clock showed when it was answered: what lifetimes are told from. */
  readonly answeredAt: number
}

export interface ModelState {
  readonly model: Model
  readonly numbers: Numbers
}

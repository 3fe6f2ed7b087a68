/**
 * The shape of a promise: a sentence, what it answers to, and predicates that can be held against what happened.
 *
 * `onStep` needs nothing but what a caller sees, so it judges anybody's server; the model that it is given has followed
 * the same trace, and is at the step's time. `onMove` looks inside the machine, at events and states; `onStore` at everything a store holds.
 * A promise that is kept because nothing ever happens is worth nothing: `isAtStake` says when it could have been broken,
 * and an engine that never gets there has not tried it.
 */
import type { AttackId, RequirementId } from "../../spec/requirements/index.ts"
import type { Machine, Move } from "../Machine.ts"
import type { Model } from "../Model.ts"
import type { Operation, Step } from "../Operation.ts"

/** What is wrong, in a sentence that a stranger understands; `undefined` when the promise is kept. */
export type Objection = string | undefined

/** An entry as it is stored: the text that was hashed, and the event in it. */
export interface StoredEntry {
  readonly position: number
  readonly stream: string
  readonly text: string
}

/** Everything that a store holds, and every secret that was ever in somebody's hands. */
export interface StoreContents {
  readonly entries: ReadonlyArray<StoredEntry>
  /** Rows as served, in a fixed order, and the same rows folded anew from the entries. */
  readonly rows: ReadonlyArray<string>
  readonly rebuiltRows: ReadonlyArray<string>
  /** Accounts, sessions, claims: what is neither log nor row. */
  readonly others: ReadonlyArray<string>
  readonly secrets: ReadonlyArray<string>
  /** The tokens that whoever holds all of this, the server's keys and a token derives from it. */
  readonly successorsOf?: (token: string) => ReadonlyArray<string>
}

/** How much a store grew while only strangers were at it, at the default limits: on disk, with rows and indexes. */
export interface Growth {
  readonly bytes: number
  readonly hours: number
}

export interface Invariant {
  /** A whole sentence in PascalCase; also the name of its file. */
  readonly name: string
  readonly sentence: string
  readonly requirements: ReadonlyArray<RequirementId>
  readonly attacks: ReadonlyArray<AttackId>
  /** The situation in which it is tried, in words; an engine has to reach it. */
  readonly situation: string
  readonly isAtStake: (before: Model, step: Step) => boolean
  readonly onStep?: (before: Model, step: Step) => Objection
  readonly onMove?: (before: Machine, operation: Operation, move: Move) => Objection
  readonly onStore?: (contents: StoreContents) => Objection
  readonly onGrowth?: (growth: Growth) => Objection
}

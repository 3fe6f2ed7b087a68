/**
 * The machine and the model side by side: both are asked the same, and what they answer is compared.
 *
 * This is what the search walks through. It keeps no history and never chooses what to ask.
 */
import { move, newMachine, type Machine, type Move } from "../Machine.ts"
import { emptyModel, expect, type Expected, type Model, type Policy } from "../Model.ts"
import type { Operation, Reply } from "../Operation.ts"

export interface Product {
  readonly machine: Machine
  readonly model: Model
}

/** One operation on both, and whether they agree about it. */
export interface Edge {
  readonly before: Product
  readonly operation: Operation
  readonly expected: Expected
  readonly move: Move
  readonly isAgreed: boolean
}

export const newProduct = (policy: Policy, at: number): Product => ({
  machine: newMachine(policy, at),
  model: emptyModel(policy, at),
})

export const ask = (before: Product, operation: Operation): Edge => {
  const expected = expect(before.model, operation)
  const moved = move(before.machine, operation)
  return { before, operation, expected, move: moved, isAgreed: isSameReply(expected.reply, moved.reply) }
}

export const afterwards = ({ expected, move }: Edge): Product => ({ machine: move.machine, model: expected.model })

/** Whether neither of the two was changed, as by most refusals. */
export const isIdle = ({ before, expected, move }: Edge): boolean =>
  move.machine === before.machine && expected.model === before.model

const isSameList = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  left === right || (left.length === right.length && left.every((one, index) => one === right[index]))

/** Same kind and same content; of refusals the error code, for the model knows no reasons. */
export const isSameReply = (left: Reply, right: Reply): boolean => {
  switch (left._tag) {
    case "Done":
    case "Inactive":
    case "Unavailable":
      return left._tag === right._tag
    case "Stored":
      return right._tag === "Stored" && left.client === right.client
    case "Code":
      return right._tag === "Code" && left.grant === right.grant
    case "Refused":
      return right._tag === "Refused" && left.error === right.error
    case "Tokens":
      return (
        right._tag === "Tokens" &&
        left.access === right.access &&
        left.refresh === right.refresh &&
        left.expiresAt === right.expiresAt &&
        isSameList(left.scopes, right.scopes)
      )
    case "Active":
      return (
        right._tag === "Active" &&
        left.client === right.client &&
        left.subject === right.subject &&
        left.expiresAt === right.expiresAt &&
        isSameList(left.scopes, right.scopes) &&
        isSameList(left.resources, right.resources)
      )
    case "Fault":
      return false
  }
}

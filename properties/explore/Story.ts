/** What a search found, as a story: the way to it, and where the machine and the model, or a promise, part. */
import { tellStep } from "../linearize/Telling.ts"
import type { Operation } from "../Operation.ts"
import { tellBefore, tellBreach, tellCalls, type ToldCall } from "../Story.ts"
import { START_MILLIS, type Exploration } from "./Explore.ts"
import { afterwards, ask, newProduct, type Edge } from "./Product.ts"
import type { Scope } from "./Scope.ts"

/** Lines for a person; none when nothing was found. */
export const tellFailure = (scope: Scope, { failure }: Exploration): ReadonlyArray<string> => {
  if (failure === undefined) return []
  const { operations, fault } = failure
  const calls = edgesOf(scope, operations).map(callOf)
  // The last one is what went wrong, even in the opening.
  const openingLength = Math.min(scope.opening.length, calls.length - 1)
  return [
    ...fault.broken.flatMap(({ promise, objection }) => tellBreach(promise, objection)),
    ...(fault.isAgreed ? [] : ["the machine does not answer as the second specification, the model, says it must"]),
    `in the scope \`${scope.name}\`: ${scope.purpose}`,
    ...tellBefore(calls.slice(0, openingLength).map(({ text }) => text)),
    ...tellCalls(calls.slice(openingLength), { expected: "the model", observed: "the machine" }),
  ]
}

const edgesOf = (scope: Scope, operations: ReadonlyArray<Operation>): ReadonlyArray<Edge> => {
  let product = newProduct(scope.policy, START_MILLIS)
  return operations.map((operation) => {
    const edge = ask(product, operation)
    product = afterwards(edge)
    return edge
  })
}

const callOf = ({ before, operation, expected, move, isAgreed }: Edge): ToldCall =>
  tellStep({ operation, reply: move.reply, at: before.machine.at }, isAgreed ? undefined : expected.reply)

/**
 * What a search found, as a story: numbered operations, and where the machine and the model, or a promise, part.
 */
import type { Operation, Reply } from "../Operation.ts"
import { tellOperation, tellReply } from "../linearize/Telling.ts"
import { START_MILLIS, type Exploration } from "./Explore.ts"
import { afterwards, ask, newProduct, type Edge } from "./Product.ts"
import type { Scope } from "./Scope.ts"

/** Operations of an opening that are told; of a longer one the rest is counted. */
const TOLD_OPENING = 6

/** Lines for a person; none when nothing was found. */
export const tellFailure = (scope: Scope, { failure }: Exploration): ReadonlyArray<string> => {
  if (failure === undefined) return []
  const { operations, fault } = failure
  const edges = edgesOf(scope, operations)
  // The last one is what went wrong, even in the opening.
  const openingLength = Math.min(scope.opening.length, edges.length - 1)
  const opening = edges.slice(0, openingLength)
  const skipped = Math.max(0, opening.length - TOLD_OPENING)
  return [
    ...fault.broken.map(({ promise, objection }) => `${promise.name} is broken: ${objection}\n  (${promise.sentence})`),
    ...(fault.isAgreed ? [] : ["the machine does not answer as the second specification, the model, says it must"]),
    `in the scope \`${scope.name}\`: ${scope.purpose}`,
    ...opening.slice(0, TOLD_OPENING).map((edge) => `   ·  ${tellOperation(edge.operation)}`),
    ...(skipped === 0 ? [] : [`   ·  … ${skipped} more like the last`]),
    ...edges.slice(openingLength).flatMap(tellEdge),
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

const tellEdge = ({ before, operation, expected, move, isAgreed }: Edge, index: number): ReadonlyArray<string> => {
  const label = `${index + 1}`.padStart(4)
  if (isAgreed) return [`${label}  ${tellOperation(operation)}`, `        → ${tellReply(move.reply)}`]
  const { at } = before.machine
  const [said, came] = [expected.reply, move.reply].map((reply) => `${tellReply(reply)}${details(reply, at)}`)
  return [`${label}  ${tellOperation(operation)}`, `        the model:   ${said}`, `      ≠ the machine: ${came}`]
}

/** What a reply has besides, when two are told apart. */
const details = (reply: Reply, at: number): string => {
  if (reply._tag !== "Tokens" && reply._tag !== "Active") return ""
  const resources = reply._tag === "Active" && reply.resources.length > 0 ? `, at ${reply.resources.join(" ")}` : ""
  return `${resources}, for ${(reply.expiresAt - at) / 1000} s more`
}

/**
 * Calls as a report tells them: the model's answer beside what came.
 *
 * Where whatever is checked may answer in its own way, the difference is not made to look like a fault.
 */
import { registering } from "../../Asking.ts"
import { tellOperation, tellReply } from "../../linearize/Telling.ts"
import type { Model } from "../../Model.ts"
import type { Operation, Ref, Reply, Step } from "../../Operation.ts"
import type { StoryStep } from "../Report.ts"

/** The model's answer in its own way of refusing and of naming subjects. */
const inItsWay = (expected: Reply, observed: Reply): Reply => {
  if (expected._tag === "Refused" && observed._tag === "Refused") return observed
  if (expected._tag === "Active" && observed._tag === "Active") return { ...expected, subject: observed.subject }
  return expected
}

/** `burst` is the same number for calls that ran at the same time. */
export const stepOf = (
  { operation, reply }: Omit<Step, "at">,
  expected: Reply,
  burst: number | null = null,
): StoryStep => ({
  text: tellOperation(operation),
  operation,
  burst,
  expected: tellReply(inItsWay(expected, reply)),
  observed: tellReply(reply),
  reply,
})

const clientsIn = (operation: Operation | undefined): ReadonlyArray<Ref> => {
  if (operation === undefined) return []
  if ("by" in operation) return [operation.by]
  return "client" in operation ? [operation.client] : []
}

/** `steps` after the registrations of those who act in them: who does nothing is not told of. */
export const withRegistrations = (
  { clients }: Pick<Model, "clients">,
  steps: ReadonlyArray<StoryStep>,
): ReadonlyArray<StoryStep> => {
  const acting = new Set(steps.flatMap(({ operation }) => clientsIn(operation)))
  const registrations = clients.flatMap(({ profile }, client) => {
    const reply = { _tag: "Stored", client } as const
    return acting.has(client) ? [stepOf({ operation: registering(client, profile), reply }, reply)] : []
  })
  return [...registrations, ...steps]
}

/**
 * Calls as a report tells them: the model's answer beside what came.
 *
 * Where whatever is checked may answer in its own way, the difference is not made to look like a fault.
 */
import { registering } from "../../Asking.ts"
import { tellOperation, tellReply } from "../../linearize/Telling.ts"
import type { Profile, Ref, Reply, Step } from "../../Operation.ts"
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

/** That a client was registered, which went as it had to. */
export const registrationOf = (client: Ref, profile: Profile): StoryStep => {
  const reply = { _tag: "Stored", client } as const
  return stepOf({ operation: registering(client, profile), reply }, reply)
}

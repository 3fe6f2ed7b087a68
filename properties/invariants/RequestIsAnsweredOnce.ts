/** An authorization request is approved or denied; a second tab, a replayed form and a second instance come too late. */
import { eventsOfType } from "./evidence/Events.ts"
import type { Invariant } from "./Invariant.ts"
import type { Model } from "../Model.ts"
import type { Step } from "../Operation.ts"

const isAnswered = (before: Model, { operation }: Step): boolean => {
  if (operation._tag === "Approve" && typeof operation.pushed === "number") {
    return before.pushed[operation.pushed]?.isAnswered === true
  }
  return (operation._tag === "Approve" || operation._tag === "Deny") && operation.grant < before.grants.length
}

export const RequestIsAnsweredOnce: Invariant = {
  name: "RequestIsAnsweredOnce",
  sentence: "An authorization request is approved or denied, never both and never twice.",
  requirements: [],
  attacks: ["A23"],
  situation: "a request that was approved or denied is answered again, or one that was pushed is opened again",
  isAtStake: isAnswered,
  onStep: (before, step) =>
    isAnswered(before, step) && (step.reply._tag === "Code" || step.reply._tag === "Done")
      ? "a request that was answered before is answered again"
      : undefined,
  onMove: (_before, _operation, move) => {
    const answers = eventsOfType(move, "GrantOpened", "GrantDenied")
    if (answers.length === 0) return undefined
    return answers.length > 1 || move.decided!.state.grant._tag !== "Absent"
      ? "a request is recorded as answered a second time"
      : undefined
  },
}

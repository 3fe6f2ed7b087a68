/** A client id belongs to whoever registered it first, for good: also after it was deleted. */
import { eventsOfType } from "./evidence/Events.ts"
import type { Invariant } from "./Invariant.ts"
import type { Model } from "../Model.ts"
import type { Step } from "../Operation.ts"

const isTaken = (before: Model, { operation }: Step): boolean =>
  operation._tag === "Register" && before.clients[operation.client] !== undefined

export const ClientIdIsCreatedOnce: Invariant = {
  name: "ClientIdIsCreatedOnce",
  sentence: "No registration replaces another.",
  requirements: [],
  attacks: [],
  situation: "a client id is registered that exists, or existed",
  isAtStake: isTaken,
  onStep: (before, step) =>
    isTaken(before, step) && step.reply._tag === "Stored"
      ? `client ${step.reply.client} is registered over another`
      : undefined,
  onMove: (_before, _operation, move) =>
    eventsOfType(move, "ClientRegistered").length > 0 && move.decided!.state.client._tag !== "Absent"
      ? "a client is recorded as registered a second time"
      : undefined,
}

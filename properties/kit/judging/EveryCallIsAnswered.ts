/**
 * A rule of the kit's own: a call gives what it is there for, or says no; it neither hangs nor fails by accident.
 *
 * What a handler makes of an accident is an internal error, whatever the caller did; promises say nothing of it.
 */
import type { Invariant } from "../../invariants/Invariant.ts"

export const EveryCallIsAnswered: Invariant = {
  name: "EveryCallIsAnswered",
  sentence:
    "Every call gives what it is there for or refuses it; none hangs, fails by accident or gives something else.",
  requirements: ["RFC6749-5.2-error-codes"],
  attacks: [],
  situation: "a method is called",
  isAtStake: () => true,
  onStep: (_before, { reply }) => (reply._tag === "Fault" ? reply.message : undefined),
}

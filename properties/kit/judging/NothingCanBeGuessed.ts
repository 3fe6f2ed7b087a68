/**
 * A rule of the kit's own: whoever has seen what others were given, and knows the time, cannot work out what is given next.
 *
 * It is tried where many log in one after the other (`Others.ts`), for one code or token alone says nothing about it.
 */
import type { Invariant } from "../../invariants/Invariant.ts"

export const NothingCanBeGuessed: Invariant = {
  name: "NothingCanBeGuessed",
  sentence: "No code or token can be guessed, or worked out from others, from the time or from `Math.random`.",
  requirements: ["OAUTH21-7.7-entropy"],
  attacks: ["A47"],
  situation: "a code or tokens are handed out",
  isAtStake: (_before, { reply }) => reply._tag === "Code" || reply._tag === "Tokens",
  onStep: () => undefined,
}

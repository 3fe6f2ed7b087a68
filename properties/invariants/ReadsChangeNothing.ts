/** Looking never changes anything: not at what is alive, not at what is dead, not at what never was. */
import { isAccessAlive, isGrantAlive } from "../Model.ts"
import { deathBy } from "./evidence/Death.ts"
import type { Invariant } from "./Invariant.ts"

export const ReadsChangeNothing: Invariant = {
  name: "ReadsChangeNothing",
  sentence: "No read, at any time, of anything, changes what is alive.",
  requirements: [],
  attacks: [],
  situation: "an access token that is dead is looked at while its grant is alive",
  isAtStake: (before, { operation }) => {
    if (operation._tag !== "Verify" || operation.token === "made up") return false
    const token = before.accessTokens[operation.token]
    return token !== undefined && !isAccessAlive(before, operation.token) && isGrantAlive(before, token.grant)
  },
  onStep: (before, step) => {
    const death = deathBy(before, step, ["a reading"])
    return death && `${death}, and nothing but looking was done since it was seen alive`
  },
  onMove: (before, operation, move) =>
    operation._tag === "Verify" && (move.machine !== before || move.decided !== undefined)
      ? "looking at a token changes the machine"
      : undefined,
}

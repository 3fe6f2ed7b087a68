/** The shortest plan that still breaks a promise: one call after the other is left out, for as long as that works. */
import { planOf, play, type Played } from "./Play.ts"
import { withOneLess } from "./Plan.ts"
import type { Found, Stage } from "./Stage.ts"

export interface Shortest {
  readonly played: Played
  readonly found: Found
}

/** Calls, restarts and odd manners. */
const sizeOf = ({ made }: Played): number =>
  made.reduce(
    (size, { isAfterRestart, call }) => size + 1 + Number(isAfterRestart) + Number(call.manner !== undefined),
    0,
  )

/** `played` broke `promise`; what comes back does too, and nothing can be left out of it, unless time ran out. */
export const shorten = async (stage: Stage, played: Played, promise: string): Promise<Shortest> => {
  const breachIn = ({ found }: Played) => found.find((one) => one.promise === promise)
  let best: Shortest = { played, found: breachIn(played)! }
  const needed = [promise, ...(best.found.beside ?? [])]
  const only = { ...stage, isWanted: (name: string) => needed.includes(name), tally: new Map() }
  for (let isShorter = true; isShorter;) {
    isShorter = false
    for (const plan of withOneLess(planOf(best.played))) {
      if (stage.isOver()) return best
      const tried = await play(only, plan)
      const found = breachIn(tried)
      if (found === undefined || sizeOf(tried) >= sizeOf(best.played)) continue
      best = { played: tried, found }
      isShorter = true
      break
    }
  }
  return best
}

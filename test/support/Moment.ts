/**
 * The moment between seeing a page and answering it: what comes sooner is no answer (src/http/Forms.ts).
 *
 * Where a test has the server's clock in its hand, the clock moves on; where the clock is the world's, the answer is
 * given again until it is old enough to be one.
 */
import { setTimeout as pause } from "node:timers/promises"
import { ARMING_MILLIS } from "../../src/http/Forms.ts"
import { strings } from "../../src/http/pages/Strings.ts"
import type { ManualClock } from "./ManualClock.ts"

const PAUSE_MILLIS = 50

const clocks = new Map<string, ManualClock>()

/** From now on whoever looks at a page of that issuer takes the time to. */
export const keepTime = (issuer: string, clock: ManualClock): void => {
  clocks.set(issuer, clock)
}

/** Who has its address later, on the same port, may go by another clock. */
export const loseTime = (issuer: string): void => {
  clocks.delete(issuer)
}

/** Somebody looks at a page of that issuer, or at one of somebody else's, where nothing depends on it. */
export const takeAMoment = (issuer: string): void => clocks.get(issuer)?.pass(ARMING_MILLIS / 1000)

/** Answers a page of that issuer, not before it can have been read. */
export const inAMoment = async <Sight extends { readonly text: string }>(
  issuer: string,
  answer: () => Promise<Sight>,
): Promise<Sight> => {
  takeAMoment(issuer)
  for (;;) {
    const sight = await answer()
    if (clocks.has(issuer) || !sight.text.includes(strings.form.tooEarly)) return sight
    await pause(PAUSE_MILLIS)
  }
}

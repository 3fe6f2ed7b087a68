/** What a trial is, and how one is written down: its name, the promises that it is about, and what is called. */
import { approve, redeem } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import { alone, type Phase } from "../Plan.ts"

export interface Trial {
  /** How it is asked for again. */
  readonly name: string
  /** What it is about; where all of that is known to be broken it is left out. */
  readonly promises: ReadonlyArray<string>
  readonly phases: ReadonlyArray<Phase>
}

export const trial = (name: string, promises: string, ...steps: ReadonlyArray<Draft | Phase>): Trial => ({
  name,
  promises: promises.split(" "),
  phases: steps.map((step) => ("calls" in step ? step : alone(step))),
})

export const login = [approve(), redeem()] as const

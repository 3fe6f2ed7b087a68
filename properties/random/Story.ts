/**
 * What the random engine found, as a story: numbered calls, the model's answer beside what came, then the difference.
 *
 * Tokens that were only looked at in passing are left out, but for the look that showed it or may have done it.
 */
import { diff } from "node:util"
import { opening } from "../Opening.ts"
import { ReadsChangeNothing } from "../invariants/ReadsChangeNothing.ts"
import { tellOperation, tellReply } from "../linearize/Telling.ts"
import type { Reply } from "../Operation.ts"
import type { Finding } from "./Random.ts"
import type { Divergence, Tried } from "./Trial.ts"

/** The calls of a story: without the opening, and of what was looked at in passing only what matters. */
export const toldSteps = ({ steps, breach }: Divergence): ReadonlyArray<Tried> => {
  const last = steps.length - 1
  const lastCall = steps.findLastIndex(({ isLook }, index) => !isLook && index < last)
  // If looking did it, it was one of the latest looks.
  const firstLook = breach?.promise.name === ReadsChangeNothing.name ? lastCall : last
  return steps.filter(({ isLook }, index) => (isLook ? index >= firstLook : index >= opening.length || index === last))
}

/** Lines for a person. */
export const tellFinding = (name: string, { seed, path, divergence }: Finding): ReadonlyArray<string> => {
  const { steps, breach } = divergence
  const told = toldSteps(divergence)
  const last = steps.at(-1)!
  const isAgreed = steps.every((step) => step.isAgreed)
  return [
    ...(breach === undefined
      ? []
      : [`${breach.promise.name} is broken: ${breach.objection}`, `  (${breach.promise.sentence})`]),
    ...(isAgreed ? [] : [`${name} does not answer as the second specification, the model, says it must`]),
    ...(steps.length > opening.length ? opening.slice(0, steps.length - 1) : []).map(
      (operation) => `   ·  ${tellOperation(operation)}`,
    ),
    ...told.flatMap((tried, index) => tellStep(name, tried, index + 1)),
    ...(last.isAgreed ? [] : ["the difference, the model's answer first:", ...differenceOf(last)]),
    `again: seed ${seed}, path ${path}`,
  ]
}

const tellStep = (name: string, tried: Tried, number: number): ReadonlyArray<string> => {
  const { operation, expected, observed, isAgreed } = tried
  const call = `${String(number).padStart(4)}  ${tellOperation(operation)}`
  if (isAgreed) return [call, `      → ${tellReply(observed)}`]
  return [call, `        the model: ${tellReply(expected)}`, `      ≠ ${name}: ${tellReply(observed)}`]
}

/** Times as seconds from the call: what is told apart is how long, not when. */
const linesOf = (reply: Reply, at: number): ReadonlyArray<string> =>
  Object.entries(reply).map(([member, value]) =>
    member === "expiresAt" ? `lives for ${(Number(value) - at) / 1000} s` : `${member}: ${JSON.stringify(value)}`,
  )

const signs = { "-1": "+", "0": " ", "1": "-" } as const

const differenceOf = ({ expected, observed, at }: Tried): ReadonlyArray<string> =>
  diff([...linesOf(expected, at)], [...linesOf(observed, at)]).map(
    ([change, line]) => `  ${signs[`${change as -1 | 0 | 1}`]} ${line}`,
  )

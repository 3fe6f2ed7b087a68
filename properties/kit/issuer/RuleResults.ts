/**
 * Rules tried on a server, and what each comes to: a verdict, and the exchanges that were not as they have to be.
 *
 * A rule whose situation cannot be brought about is not tried, with the reason; so is one that was answered nothing.
 */
import { requirements } from "../../../spec/requirements/index.ts"
import { CannotCheck, NotTried } from "../judging/Obstacles.ts"
import type { PromiseResult, StoryStep } from "../Report.ts"
import type { Issuer } from "./Issuer.ts"
import { NoMoreLogins } from "./Login.ts"
import type { Finding, Rule } from "./rules/Rule.ts"
import { against } from "./Telling.ts"
import { EnoughRequests } from "./Wire.ts"

const sentenceOf = ({ id }: Rule): string => requirements.find((one) => one.id === id)!.text

const told = ({ text, request, expected, observed }: Finding): StoryStep => ({
  text,
  ...(request === undefined ? {} : { exchange: `${request}: ${observed}` }),
  burst: null,
  expected,
  observed,
})

/** The first that was wrong, and how many there are: the story has them all. */
const objectionOf = ({ id }: Rule, wrong: ReadonlyArray<Finding>): string => {
  const [{ text, request, observed }, ...others] = wrong as readonly [Finding, ...ReadonlyArray<Finding>]
  const told = request === undefined ? `${text}: ${observed}` : `${text}; ${request}: ${observed}`
  return against(others.length === 0 ? told : `${told}; and ${others.length} more`, [id])
}

const judge = (rule: Rule, findings: ReadonlyArray<Finding>, millis: number, seed: number): PromiseResult => {
  const seen = findings.filter(({ isKept }) => isKept !== undefined)
  const wrong = seen.filter(({ isKept }) => isKept === false)
  const result = { promise: rule.id, sentence: sentenceOf(rule), tries: seen.length, millis }
  if (seen.length === 0) return { ...result, verdict: "not tried", reason: "the server did not answer it now" }
  if (wrong.length === 0) return { ...result, verdict: "kept" }
  const objection = objectionOf(rule, wrong)
  const counterexample = { objection, steps: wrong.map(told), seed, path: "" }
  return { ...result, verdict: "broken", reason: objection, counterexample }
}

/** What stops a rule without being a fault of the server. */
export const isObstacle = (cause: unknown): cause is Error =>
  [NotTried, NoMoreLogins, EnoughRequests, CannotCheck].some((kind) => cause instanceof kind)

/** A rule that there was no time for. */
export const leftOut = (rule: Rule): PromiseResult => ({
  promise: rule.id,
  sentence: sentenceOf(rule),
  verdict: "not tried",
  tries: 0,
  millis: 0,
  reason: "the time was up",
  isCutShort: true,
})

export const tryRule = async (issuer: Issuer, rule: Rule, seed: number): Promise<PromiseResult> => {
  const startedAt = performance.now()
  const since = () => performance.now() - startedAt
  try {
    return judge(rule, await rule.check(issuer), since(), seed)
  } catch (cause) {
    const sentence = sentenceOf(rule)
    const reason = isObstacle(cause) ? cause.message : `it could not be tried: ${String(cause)}`
    return { promise: rule.id, sentence, verdict: "not tried", tries: 0, millis: since(), reason }
  }
}

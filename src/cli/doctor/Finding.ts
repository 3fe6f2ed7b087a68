/**
 * What `grantlog doctor` finds: what was looked at, how it is, and what to change.
 *
 * A fault keeps the server from starting, or gives its clients wrong answers; advice is what an operator may have decided.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { sentenceOf } from "../Failure.ts"

export interface Finding {
  /** What was looked at, in a word or two. */
  readonly about: string
  readonly verdict: "good" | "advice" | "fault"
  /** How it is and, where it is not good, what to change: in a sentence without a period. */
  readonly message: string
}

export const good = (about: string, message: string): Finding => ({ about, verdict: "good", message })
export const advice = (about: string, message: string): Finding => ({ about, verdict: "advice", message })
export const fault = (about: string, message: string): Finding => ({ about, verdict: "fault", message })

/** The failure of something that was tried, as a fault. */
export const failed = (about: string, failure: unknown): Finding => fault(about, sentenceOf(failure) ?? String(failure))

/** What something that may fail says of it: its answer, or its failure as a fault. */
export const examined = <A, E, R>(
  about: string,
  effect: Effect.Effect<A, E, R>,
  told: (answer: A) => Finding,
): Effect.Effect<Finding, never, R> =>
  Effect.map(Effect.result(effect), Result.match({ onSuccess: told, onFailure: (failure) => failed(about, failure) }))

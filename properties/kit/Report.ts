/**
 * What a check of somebody's provider or server comes to: a verdict for each promise, and the shortest story of a breach.
 *
 * Plain data, as `--json` prints it. A promise that could not be tried is `not tried` with the reason, never `kept`. One
 * that is kept only with the help of whoever calls the provider, or but for a limit that the provider states, is `limited`.
 */
import type { Operation, Reply } from "../Operation.ts"

/** What became of a promise: kept, kept as far as a stated limit goes, broken, or not tried, which is never kept. */
export type Verdict = "kept" | "limited" | "broken" | "not tried"

/** One promise, its verdict, and how often it could have been broken. */
export interface PromiseResult {
  /** Name of the promise (`properties/invariants`), or of a rule of the wire protocol. */
  readonly promise: string
  /** What is promised, in a sentence. */
  readonly sentence: string
  /** What became of it. */
  readonly verdict: Verdict
  /** How often it could have been broken. */
  readonly tries: number
  /** Milliseconds until it was broken, or that it was tried for. */
  readonly millis: number
  /** Why it was not tried; what limits it; what was wrong. */
  readonly reason?: string
  /** Whether it could have been tried, or tried often enough, had there been time. */
  readonly isCutShort?: boolean
  /** The shortest story of the breach; only where it is broken. */
  readonly counterexample?: Counterexample
}

/** One call of a story: what was asked, what the model says to it, what came. */
export interface StoryStep {
  /** In words, as a person would tell it. */
  readonly text: string
  /** The request that was sent and what came, where it was one; nothing secret. */
  readonly exchange?: string
  /** The call as data; absent for what is told in words alone. */
  readonly operation?: Operation
  /** Calls with the same number ran at the same time; `null` for one that ran alone. */
  readonly burst: number | null
  /** What the model says to the call, in words. */
  readonly expected: string
  /** What came, in words. */
  readonly observed: string
  /** What came, as data; absent where it was no answer. */
  readonly reply?: Reply
}

/** The shortest story that was found of a promise being broken. */
export interface Counterexample {
  /** What is wrong, in a sentence. */
  readonly objection: string
  /** The calls, in order. */
  readonly steps: ReadonlyArray<StoryStep>
  /** To see it again: `--seed` and `--path`. */
  readonly seed: number
  /** Where below the seed the story was found. */
  readonly path: string
  /** Promises that have to be asked for besides, where it is only that no order of calls keeps all of them. */
  readonly beside?: ReadonlyArray<string>
}

/** What a check came to: a result for each promise. Print it with `renderTable` and `renderStories`. */
export interface KitReport {
  /** What was tried: a file, or an issuer. */
  readonly subject: string
  /** What stands behind `grantlog check` for the same check; absent where it was no command. Nothing secret. */
  readonly call?: ReadonlyArray<string>
  /** One result for each promise and each rule. */
  readonly results: ReadonlyArray<PromiseResult>
  /** What it can do, as far as was found out: clock, restart, refresh, proof, resources, subject. */
  readonly capabilities: Readonly<Record<string, string>>
  /** What everything that was drawn follows from: the same seed draws the same. */
  readonly seed: number
  /** How many seeds in turn were drawn from, that one first; where nothing is drawn it is absent. */
  readonly seedCount?: number
  /** How many calls were made in all. */
  readonly operationCount: number
  /** How long it took, in milliseconds. */
  readonly millis: number
  /** Why the verdicts cannot be relied on, in a sentence that names the call: it hung, or something failed outside of it. */
  readonly failure?: string
}

/** Whether nothing is broken, and nothing was left out that could have been tried, in a check that can be relied on. */
export const isKept = ({ results, failure }: KitReport): boolean =>
  failure === undefined && results.every(({ verdict, isCutShort }) => verdict !== "broken" && isCutShort !== true)

/**
 * A counterexample as a story: numbered calls, what the model says to each beside what came, where the two part.
 *
 * Calls of one burst ran at the same time and share a number. It never judges; the objection is the promise's own.
 */
import type { Counterexample, KitReport, PromiseResult, StoryStep } from "../Report.ts"
import { plain } from "./Plain.ts"

/** A call alone, or several that ran at the same time. */
export type Passage = ReadonlyArray<StoryStep>

/** Neighbours with the same burst number belong together. */
export const passages = (steps: ReadonlyArray<StoryStep>): ReadonlyArray<Passage> =>
  steps.reduce<ReadonlyArray<Passage>>((told, step) => {
    const last = told.at(-1)
    return step.burst !== null && last?.[0]!.burst === step.burst
      ? [...told.slice(0, -1), [...last, step]]
      : [...told, [step]]
  }, [])

/** Whether the observed reply is another than the model's: both are said in the same words. */
export const isSurprise = ({ expected, observed }: StoryStep): boolean => expected !== observed

/** Who expected it: the model where it was asked, else the rule. */
export const expecting = ({ operation }: StoryStep): string => (operation === undefined ? "expected" : "the model")

const callLines = (step: StoryStep, label: string): ReadonlyArray<string> => {
  const margin = " ".repeat(label.length + 4)
  const [said, came] = [plain(step.expected), plain(step.observed)]
  const replies = isSurprise(step)
    ? [`${margin}  ${expecting(step)}: ${said}`, `${margin}≠ ${"observed:".padEnd(expecting(step).length + 1)} ${came}`]
    : [`${margin}→ ${came}`]
  const exchange = step.exchange === undefined ? [] : [`${margin}${plain(step.exchange)}`]
  return [`  ${label}  ${plain(step.text)}`, ...exchange, ...replies]
}

const passageLines = (passage: Passage, number: number): ReadonlyArray<string> =>
  passage.length === 1
    ? callLines(passage[0]!, String(number).padStart(2))
    : [
        `  ${String(number).padStart(2)}  at the same time:`,
        ...passage.flatMap((step, index) => callLines(step, `${String(number).padStart(4)}.${index + 1}`)),
      ]

/** What tells a story again: the command as a shell takes it, or the options of a check that no command started. */
export const replayOf = (
  { call }: Pick<KitReport, "call">,
  { seed, path }: Counterexample,
  promise: string,
): string => {
  if (call === undefined) {
    return `with ${plain(JSON.stringify({ seed, ...(path === "" ? {} : { path }), only: [promise] }))}`
  }
  const replayed = ["--seed", String(seed), ...(path === "" ? [] : ["--path", path]), "--only", promise]
  return `grantlog check ${shellQuoted([...call, ...replayed])}`
}

/** The story of one broken promise; nothing for one without counterexample. */
export const renderStory = (report: Pick<KitReport, "call">, result: PromiseResult): string | undefined => {
  const { promise, sentence, counterexample } = result
  if (counterexample === undefined) return undefined
  const { objection, steps } = counterexample
  return [
    `${plain(promise)} is broken: ${plain(objection)}`,
    `  (${plain(sentence)})`,
    ...passages(steps).flatMap((passage, index) => passageLines(passage, index + 1)),
    `  again: ${replayOf(report, counterexample, promise)}`,
  ].join("\n")
}

export const renderStories = (report: KitReport): ReadonlyArray<string> =>
  report.results.map((result) => renderStory(report, result)).filter((story) => story !== undefined)

const shellQuoted = (words: ReadonlyArray<string>): string =>
  words
    .map(plain)
    .map((word) => (/^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ")

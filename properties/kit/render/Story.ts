/**
 * A counterexample as a story, and the command that tells it again; what came from outside is made fit to be shown.
 *
 * It never judges; the objection is the promise's own.
 */
import type { Counterexample, KitReport, PromiseResult, StoryStep } from "../Report.ts"
import { tellBreach, tellCalls, type ToldCall } from "../../Story.ts"
import { plain } from "./Plain.ts"

/** Whether the observed reply is another than the model's: both are said in the same words. */
export const isSurprise = ({ expected, observed }: StoryStep): boolean => expected !== observed

/** Who expected it: the model where it was asked, else the rule. */
export const expecting = (step: StoryStep | undefined): string =>
  step?.operation === undefined ? "expected" : "the model"

const told = (step: StoryStep): ToldCall => ({
  text: plain(step.text),
  detail: step.exchange === undefined ? undefined : plain(step.exchange),
  observed: plain(step.observed),
  expected: isSurprise(step) ? plain(step.expected) : undefined,
  burst: step.burst,
})

/** What tells a story again: the command as a shell takes it, or the options of a check that no command started. */
export const replayOf = (
  { call }: Pick<KitReport, "call">,
  { seed, path, beside = [] }: Counterexample,
  promise: string,
): string => {
  const only = [promise, ...beside]
  if (call === undefined) return `with ${plain(JSON.stringify({ seed, ...(path === "" ? {} : { path }), only }))}`
  const replayed = ["--seed", String(seed), ...(path === "" ? [] : ["--path", path])]
  for (const name of only) replayed.push("--only", name)
  return `grantlog check ${shellQuoted([...call, ...replayed])}`
}

/** The story of one broken promise; nothing for one without counterexample. */
export const renderStory = (report: Pick<KitReport, "call">, result: PromiseResult): string | undefined => {
  const { promise, sentence, counterexample } = result
  if (counterexample === undefined) return undefined
  const { objection, steps } = counterexample
  return [
    ...tellBreach({ name: plain(promise), sentence: plain(sentence) }, plain(objection)),
    ...tellCalls(steps.map(told), { expected: expecting(steps[0]), observed: "observed" }),
    `  again: ${replayOf(report, counterexample, promise)}`,
  ].join("\n")
}

/** The stories of a report as text, one for each broken promise, without colours. */
export const renderStories = (report: KitReport): ReadonlyArray<string> =>
  report.results.map((result) => renderStory(report, result)).filter((story) => story !== undefined)

const shellQuoted = (words: ReadonlyArray<string>): string =>
  words
    .map(plain)
    .map((word) => (/^[\w./:@%+,=-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ")

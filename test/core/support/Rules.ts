/**
 * Rules as data: a title in the present tense, and the story, or stories, that show it.
 *
 * A rule returns what it told, checked; a story without a check is not of that type. So all rules can be run again by
 * a test that asks what they reach together.
 */
import type { Then } from "../../../properties/Scenario.ts"

export type Rule = () => Then | ReadonlyArray<Then>
export type Rules = Readonly<Record<string, Rule>>

export const storiesOf = (rules: Rules): ReadonlyArray<Then> => Object.values(rules).flatMap((rule) => rule())

/**
 * A story for a person: numbered calls, what was answered, and what had to be where the two part.
 *
 * Every engine tells by it what it has found, and gives it nothing but words. Calls that ran at the same time share a
 * number. It never judges.
 */

export interface ToldCall {
  readonly text: string
  /** What was sent for it, and came, to the letter. */
  readonly detail?: string | undefined
  readonly observed: string
  /** What had to be answered; absent where that was. */
  readonly expected?: string | undefined
  /** Calls with the same number ran at the same time; `null` or none for one that ran alone. */
  readonly burst?: number | null
}

/** Who says what had to be answered, and who answered. */
export interface Sides {
  readonly expected: string
  readonly observed: string
}

/** Neighbours with the same burst number belong together. */
export const passages = <Call extends Pick<ToldCall, "burst">>(
  calls: ReadonlyArray<Call>,
): ReadonlyArray<ReadonlyArray<Call>> =>
  calls.reduce<ReadonlyArray<ReadonlyArray<Call>>>((told, call) => {
    const last = told.at(-1)
    return typeof call.burst === "number" && last?.[0]!.burst === call.burst
      ? [...told.slice(0, -1), [...last, call]]
      : [...told, [call]]
  }, [])

const linesOf = (
  { text, detail, observed, expected }: ToldCall,
  label: string,
  sides: Sides,
): ReadonlyArray<string> => {
  const margin = " ".repeat(label.length + 2)
  const width = Math.max(sides.expected.length, sides.observed.length) + 1
  const named = (side: keyof Sides) => `${sides[side]}:`.padEnd(width)
  const replies =
    expected === undefined
      ? [`${margin}→ ${observed}`]
      : [`${margin}  ${named("expected")} ${expected}`, `${margin}≠ ${named("observed")} ${observed}`]
  return [`${label}  ${text}`, ...(detail === undefined ? [] : [`${margin}${detail}`]), ...replies]
}

/** Lines for each call, under its number; or under `mark`, where they are all in the same place. */
export const tellCalls = (calls: ReadonlyArray<ToldCall>, sides: Sides, mark?: string): ReadonlyArray<string> =>
  passages(calls).flatMap((passage, index) => {
    const label = (mark ?? String(index + 1)).padStart(4)
    return passage.length === 1
      ? linesOf(passage[0]!, label, sides)
      : [
          `${label}  at the same time:`,
          ...passage.flatMap((call, place) => linesOf(call, `  ${label}.${place + 1}`, sides)),
        ]
  })

/** What went before the story and is no part of it: the first few, and how many more. */
export const tellBefore = (texts: ReadonlyArray<string>, most = 6): ReadonlyArray<string> => [
  ...texts.slice(0, most).map((text) => `   ·  ${text}`),
  ...(texts.length > most ? [`   ·  … ${texts.length - most} more`] : []),
]

/** Which promise is broken, and how. */
export const tellBreach = (
  { name, sentence }: { readonly name: string; readonly sentence: string },
  objection: string,
): readonly [what: string, sentence: string] => [`${name} is broken: ${objection}`, `  (${sentence})`]

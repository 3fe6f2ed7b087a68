/**
 * How much of what is broad or long a run tries: `npm run test:long` all of it, `npm test` its short form, and Stryker,
 * which runs it against every mutant that lives, less still.
 *
 * The short form is the same in every run. Nothing that only one case would notice belongs here: cases of a table stand
 * for one another, and a longer run repeats what a shorter one does.
 */
export const isLong = process.env["LONG_TESTS"] !== undefined

/** All the cases of a table, or every sixth. */
export const someOf = <Case>(cases: ReadonlyArray<Case>): ReadonlyArray<Case> =>
  isLong ? cases : cases.filter((_, index) => index % 6 === 0)

/** What a test tries, and how little of it against a mutant. */
export const unlessMutated = <Amount>(usual: Amount, mutated: Amount): Amount =>
  process.env["STRYKER_FOLDER"] === undefined ? usual : mutated

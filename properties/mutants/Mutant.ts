/**
 * A mutant: a named, deliberate fault in the source, and the test that must notice it.
 *
 * It is an edit of text, exact to the letter, so that a source that changed makes the mutant fail loudly instead of
 * breaking nothing.
 */
export interface Edit {
  readonly file: string
  /** Occurs exactly once in the file. */
  readonly find: string
  readonly replace: string
}

export interface Mutant {
  /** What the broken build does, as a sentence. */
  readonly name: string
  /** Requirement, attack or contract row that it offends. */
  readonly offends: string
  readonly edits: ReadonlyArray<Edit>
  /** Test files that are run, and the part of a title that picks the tests in them. */
  readonly tests: ReadonlyArray<string>
  readonly title: string
}

/** `text` with the edit made; an error says why it cannot be. */
export const applyEdit = (text: string, { file, find, replace }: Edit): string => {
  const first = text.indexOf(find)
  if (first < 0) throw new Error(`${file} no longer has: ${find}`)
  if (text.indexOf(find, first + 1) >= 0) throw new Error(`${file} has more than once: ${find}`)
  return text.slice(0, first) + replace + text.slice(first + find.length)
}

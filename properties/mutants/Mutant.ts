/**
 * A mutant: a named, deliberate fault in the source, and what must notice it.
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

export const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace })

export interface Mutant {
  /** What the broken build does, as a sentence. */
  readonly name: string
  /** Requirement, attack, contract row or place that it offends. */
  readonly offends: string
  readonly edits: ReadonlyArray<Edit>
  /** The promise that must be told of as broken; absent when no promise is about this and a test alone has to notice. */
  readonly promise?: string
  /** How many commands it takes at the least, where that is more than a counterexample should have. */
  readonly commandsNeeded?: number
  /** Test files that are run, and parts of titles that pick the tests in them. */
  readonly tests: ReadonlyArray<string>
  readonly titles: ReadonlyArray<string>
}

/** `text` with the edit made; an error says why it cannot be. */
export const applyEdit = (text: string, { file, find, replace }: Edit): string => {
  const first = text.indexOf(find)
  if (first < 0) throw new Error(`${file} no longer has: ${find}`)
  if (text.indexOf(find, first + 1) >= 0) throw new Error(`${file} has more than once: ${find}`)
  return text.slice(0, first) + replace + text.slice(first + find.length)
}

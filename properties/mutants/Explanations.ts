/**
 * Why a mutant of Stryker may live: the data of `SURVIVORS.md`.
 *
 * A mutant is known by its file and by what it makes of what, so that an explanation survives when lines move, and no
 * longer fits when the code is another. Never a place for what a test could notice.
 */
export interface Place {
  /** Below `src/core`. */
  readonly file: string
  /** What stood there, spaces collapsed, cut where {@link brief} cuts. */
  readonly from: string
  readonly to: string
}

export interface Explanation {
  readonly why: string
  readonly places: ReadonlyArray<Place>
}

const MAX_CHARACTERS = 80

/** Code as one line that fits a table. */
export const brief = (code: string): string => {
  const line = code.replaceAll(/\s+/g, " ").trim()
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line
}

const at = (file: string, from: string, to: string): Place => ({ file, from, to })

export const explanations: ReadonlyArray<Explanation> = []

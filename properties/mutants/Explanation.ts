/**
 * Why a mutant of Stryker may live: what the files in `explained` are made of, and `SURVIVORS.md` is made from.
 *
 * A mutant is known by its file and by what it makes of what, so that an explanation survives when lines move, and no
 * longer fits when the code is another. Never a place for what a test could notice.
 */
/** Two alike in one file are two places. */
export interface Place {
  /** Below the folder of `src`. */
  readonly file: string
  /** What stood there, spaces collapsed, cut where {@link brief} cuts. */
  readonly from: string
  readonly to: string
}

/** Of whole `files` everything may live: what only runs where no mutant gets, in a process of its own. */
export interface Explanation {
  readonly why: string
  readonly places?: ReadonlyArray<Place>
  readonly files?: ReadonlyArray<string>
}

const MAX_CHARACTERS = 80

/** Code as one line that fits a table. */
export const brief = (code: string): string => {
  const line = code.replaceAll(/\s+/g, " ").trim()
  return line.length > MAX_CHARACTERS ? `${line.slice(0, MAX_CHARACTERS)}…` : line
}

export const at = (file: string, from: string, to: string): Place => ({ file, from, to })

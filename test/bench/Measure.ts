/**
 * Measuring sides against each other: in rounds, one after the other within each, so that whatever the machine does
 * meets all of them.
 *
 * A figure is the median over the rounds, a ratio the median of the ratios within each. The first round warms up and
 * counts for nothing.
 */

/** What was asked for on the command line. */
export interface Asked {
  readonly rounds: number
  /** Operations of one side in one round. */
  readonly operationCount: number
  /** The sizes that take minutes and gigabytes. */
  readonly isFull: boolean
  /** A folder for whatever is written; removed in the end. */
  readonly folder: string
  readonly progress: (what: string) => void
}

export const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

export type Taken<Name extends string> = Readonly<Record<Name, ReadonlyArray<number>>>

/** What each side took in each round; every second round goes through them backwards. */
export const interleave = async <Name extends string>(
  rounds: number,
  sides: Readonly<Record<Name, () => number | Promise<number>>>,
): Promise<Taken<Name>> => {
  const names = Object.keys(sides).filter((name): name is Name => Object.hasOwn(sides, name))
  const taken = Object.fromEntries(names.map((name): [string, Array<number>] => [name, []])) as Record<
    Name,
    Array<number>
  >
  for (let round = 0; round <= rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const value = await sides[name]()
      if (round > 0) taken[name].push(value)
    }
  }
  return taken
}

/** How many times `other` is in `ours`. */
export const ratioOf = (ours: ReadonlyArray<number>, other: ReadonlyArray<number>): number =>
  median(ours.map((value, round) => value / other[round]!))

export const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage()
  return user + system
}

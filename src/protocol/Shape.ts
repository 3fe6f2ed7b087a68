/**
 * What a value that came from outside must look like: rules made of rules, and a sentence about the first that is broken.
 *
 * Where a library of schemas would be the larger part of what is loaded. Nothing is converted, filled in or copied here.
 */

/** What is wrong with `value`, which stands `at` a place written as in code (`["scopes"][0]`); `undefined` if nothing. */
export type Rule = (value: unknown, at: string) => string | undefined

/** The one rule that looks at a value: whether it is what was `expected`. */
export const expecting =
  (expected: string, holds: (value: unknown) => boolean): Rule =>
  (value, at) =>
    holds(value) ? undefined : `Expected ${expected}${placeOf(at)}`

const placeOf = (at: string): string => (at === "" ? "" : ` at ${at}`)

export const text: Rule = expecting("text", (value) => typeof value === "string")

export const textLike = (expected: string, pattern: RegExp): Rule =>
  expecting(expected, (value) => typeof value === "string" && pattern.test(value))

export const numberBetween = (minimum: number, maximum: number): Rule =>
  expecting(
    `a number from ${minimum} to ${maximum}`,
    (value) => typeof value === "number" && value >= minimum && value <= maximum,
  )

export const wholeBetween = (minimum: number, maximum: number): Rule =>
  expecting(
    `a whole number from ${minimum} to ${maximum}`,
    (value) => Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum,
  )

export const listOf =
  (rule: Rule): Rule =>
  (value, at) =>
    Array.isArray(value)
      ? firstFault(value.map((one, index) => rule(one, `${at}[${index}]`)))
      : `Expected a list${placeOf(at)}`

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** An object whose members are all like this, whatever their names. */
export const recordOf =
  (rule: Rule): Rule =>
  (value, at) =>
    isObject(value)
      ? firstFault(Object.entries(value).map(([name, one]) => rule(one, memberOf(at, name))))
      : `Expected object${placeOf(at)}`

const memberOf = (at: string, name: string): string => `${at}[${JSON.stringify(name)}]`

export interface Members {
  readonly required: Readonly<Record<string, Rule>>
  /** Of those that need not be there; one that is there as `undefined` is judged like any other. */
  readonly optional: Readonly<Record<string, Rule>>
  /** Whether there may be others, which nobody looks at. */
  readonly isOpen: boolean
}

/** An object with these members. */
export const objectWith =
  ({ required, optional, isOpen }: Members): Rule =>
  (value, at) => {
    if (!isObject(value)) return `Expected object${placeOf(at)}`
    const known = { ...optional, ...required }
    const unknown = Object.keys(value).find((name) => !isOpen && !Object.hasOwn(known, name))
    if (unknown !== undefined) return `Unexpected member${placeOf(memberOf(at, unknown))}`
    const names = Object.keys(known).filter((name) => Object.hasOwn(required, name) || Object.hasOwn(value, name))
    return firstFault(names.map((name) => known[name]!(value[name], memberOf(at, name))))
  }

const firstFault = (faults: ReadonlyArray<string | undefined>): string | undefined =>
  faults.find((fault) => fault !== undefined)

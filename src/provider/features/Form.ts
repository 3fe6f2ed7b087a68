/**
 * Parameters, parsed once, into one value each.
 *
 * A parameter that appears twice is an error, for two readers would read two things; only those that an RFC lets repeat
 * are lists. An empty value counts as not sent. Nothing is read from anywhere else afterwards.
 */
import * as Result from "effect/Result"

export interface Parameters {
  readonly get: (name: string) => string | undefined
  readonly list: (name: string) => ReadonlyArray<string> | undefined
}

const MAX_PARAMETERS = 64
const MAX_VALUE_CHARACTERS = 8192

/** RFC 8707 2 and RFC 8693 2.1. */
const repeatable: ReadonlyArray<string> = ["resource", "audience"]

/** The failure is a sentence about the caller's own input. */
export const parseParameters = (
  text: string | URLSearchParams,
  maxValueCharacters = MAX_VALUE_CHARACTERS,
): Result.Result<Parameters, string> => {
  const values = new Map<string, ReadonlyArray<string>>()
  let count = 0
  for (const [name, value] of new URLSearchParams(text)) {
    if (++count > MAX_PARAMETERS) return Result.fail(`there are more than ${MAX_PARAMETERS} parameters`)
    if (value.length > maxValueCharacters) {
      return Result.fail(`the parameter \`${shown(name)}\` is longer than ${maxValueCharacters} characters`)
    }
    const known = values.get(name)
    //= OAUTH21-3.1-no-duplicate-params
    if (known !== undefined && !repeatable.includes(name)) {
      return Result.fail(`the parameter \`${shown(name)}\` appears more than once`)
    }
    //= OAUTH21-3.1-empty-is-absent
    const given = value === "" ? [] : [value]
    values.set(name, known === undefined ? given : [...known, ...given])
  }
  //= OAUTH21-3.1-ignore-unknown-params
  return Result.succeed({
    get: (name) => values.get(name)?.[0],
    list: (name) => {
      const given = values.get(name)
      return given === undefined || given.length === 0 ? undefined : given
    },
  })
}

/** Whether a body is a form, by its content type. */
export const isForm = (contentType = ""): boolean =>
  /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType)

const shown = (name: string): string => name.slice(0, 64)

/** Scope tokens of a parameter; `undefined` when it was not sent. */
export const scopeList = (parameters: Parameters): ReadonlyArray<string> | undefined => {
  const tokens = parameters
    .get("scope")
    ?.split(" ")
    .filter((token) => token !== "")
  return tokens === undefined || tokens.length === 0 ? undefined : tokens
}

/** `{ [name]: value }`, or nothing when there is no value: for optional members. */
export const optional = <Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [N in Name]?: Value } => (value === undefined ? {} : ({ [name]: value } as { [N in Name]: Value }))

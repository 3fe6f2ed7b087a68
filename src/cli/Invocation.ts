/**
 * What is wrong with a call, in a sentence that shows what was given and says what would do.
 *
 * The library says it for whoever writes the program; this is for whoever types.
 */
import * as CliError from "effect/cli/CliError"
import { shortened } from "../../properties/kit/render/Plain.ts"

const MAX_CHARACTERS = 64

export const shownValue = (value: string): string => shortened(value, MAX_CHARACTERS)

/** What would do, in words. */
export const wanted = (expected: string): string =>
  expected
    .replace(/^(?:Schema validation failed: )?Expected:? /, "")
    .replace(/^(?:a string representing a finite number|an integer|integer)$/, "a whole number")
    .replace(/^"true" .*/, "true or false")
    .replace(/^string$/, "text")
    .replace(/^a string matching the RegExp .*/s, "text of another form")
    .replaceAll(" | ", " or ")
    .replaceAll('"', "")

/** The library reads `-abc` as three flags, and says three times that there is no such flag. */
const isLetter = (option: string): boolean => /^-[^-]$/.test(option)
const HYPHEN =
  "a word with a hyphen in front is read as flags of a letter each: an id that has one goes last, behind `--`"

export const invocationFault = (error: CliError.CliError): string => {
  if (error._tag === "UnrecognizedOption" && isLetter(error.option)) return HYPHEN
  if (error._tag !== "InvalidValue") return error.message
  const { option, value, expected, kind } = error
  const name = kind === "flag" ? `--${option}` : `<${option}>`
  if (value === "") return `${name} needs a value: give ${wanted(expected)}`
  return `${name} is \`${shownValue(value)}\`: give ${wanted(expected)}`
}

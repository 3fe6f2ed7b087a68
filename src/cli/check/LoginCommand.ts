/**
 * A program that signs in: it gets the authorization URL as its last argument, and prints where that led.
 *
 * It is run without a shell. What it prints besides, before its last line, is not looked at.
 */
import { execFile } from "node:child_process"
import { CannotCheck } from "../../../properties/kit/judging/Obstacles.ts"
import { oneLine } from "../Terminal.ts"

const PATIENCE_MILLIS = 120_000

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? ""

/** What the program printed; what it complained of where it failed. */
const outputOf = (program: string, words: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, words, { timeout: PATIENCE_MILLIS }, (error, printed, complaints) => {
      if (error === null) return resolve(printed)
      const isLate = error.killed === true
      const why = isLate ? `it took longer than ${PATIENCE_MILLIS / 1000} s` : lastLine(complaints) || error.message
      reject(new CannotCheck(`the login command \`${program}\` failed: ${oneLine(why)}`))
    })
  })

export const loginCommand = (command: string): ((authorizationUrl: string) => Promise<string>) => {
  const [program = "", ...words] = command.trim().split(/\s+/)
  return async (url) => {
    const location = lastLine(await outputOf(program, [...words, url]))
    if (URL.canParse(location)) return location
    throw new CannotCheck(`the login command \`${program}\` printed no URL at its end`)
  }
}

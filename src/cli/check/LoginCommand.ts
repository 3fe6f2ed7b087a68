/**
 * A program that signs in: it gets the authorization URL as its last argument, and prints where that led.
 *
 * It is run without a shell. What it prints besides, before its last line, is not looked at.
 */
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { CannotCheck } from "../../../properties/kit/judging/Obstacles.ts"
import { oneLine } from "../Terminal.ts"

const PATIENCE_MILLIS = 120_000

const run = promisify(execFile)

const lastLine = (text: string): string => text.trim().split("\n").at(-1)?.trim() ?? ""

export const loginCommand = (command: string): ((authorizationUrl: string) => Promise<string>) => {
  const [program = "", ...words] = command.trim().split(/\s+/)
  return async (url) => {
    const { stdout } = await run(program, [...words, url], { timeout: PATIENCE_MILLIS }).catch((cause) => {
      const { stderr = "", message, killed } = cause as { stderr?: string; message: string; killed?: boolean }
      const why = killed === true ? `it took longer than ${PATIENCE_MILLIS / 1000} s` : lastLine(stderr) || message
      throw new CannotCheck(`the login command \`${program}\` failed: ${oneLine(why)}`)
    })
    const location = lastLine(stdout)
    if (URL.canParse(location)) return location
    throw new CannotCheck(`the login command \`${program}\` printed no URL at its end`)
  }
}

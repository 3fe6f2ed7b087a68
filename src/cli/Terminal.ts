/**
 * The one way to the terminal: standard output and standard error, and what may be shown there.
 *
 * Much of what is shown was written by others: names, scopes, addresses, descriptions of errors. None of it can move the
 * cursor, set a title, turn the direction of text or start a line of its own. Whatever reaches the terminal consists of
 * lines, of what can be seen, and of the few colours that are set here.
 */
import { styleText } from "node:util"
import { plain, shortened } from "../../properties/kit/render/Plain.ts"

type Stream = NodeJS.WriteStream

const MAX_MESSAGE_CHARACTERS = 4000
const CLEAR_LINE = "\r\u001b[2K"
const ESCAPE = "\u001b["

type Colour = "green" | "yellow" | "red"

/** Bold and coloured where standard output shows colours. */
export const emphasised = (text: string, colour: Colour): string =>
  styleText(["bold", colour], plain(text), { stream: process.stdout })

/** Whether standard output shows colours. */
export const isColoured = (stream: Stream = process.stdout): boolean => styleText("red", "x", { stream }) !== "x"

/** What follows on the beginning of a style, which stays if it is one. */
const inStyle = (piece: string): string => {
  const style = /^\d{1,2}m/.exec(piece)?.[0]
  return style === undefined ? plain(ESCAPE + piece) : ESCAPE + style + plain(piece.slice(style.length))
}

/** Lines of what can be seen; colours stay where the stream shows them. */
const shownOn = (stream: Stream, text: string): string => {
  const shown = isColoured(stream)
    ? (line: string) => {
        const [first = "", ...styled] = line.split(ESCAPE)
        return plain(first) + styled.map(inStyle).join("")
      }
    : plain
  return text.split("\n").map(shown).join("\n")
}

/** A message as one line of bounded length, whatever input it repeats. */
export const oneLine = (message: string): string =>
  plain(
    shortened(message, MAX_MESSAGE_CHARACTERS)
      .split(/[\r\n]/)
      .map((line) => line.trim())
      .filter((line) => line !== "")
      .join(" "),
  )

/** JSON in which nothing acts on a terminal: what cannot be seen is escaped, so that it means the same. */
export const jsonText = (value: unknown, indentation?: number): string =>
  visibleJson(JSON.stringify(value, null, indentation))

/** The same for JSON that was written elsewhere, in lines. */
export const visibleJson = (json: string): string =>
  json.replaceAll(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (character) =>
    character.replaceAll(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
  )

export const writeOut = (text: string, done: (error: Error | null | undefined) => void): void => {
  process.stdout.write(shownOn(process.stdout, text), done)
}

/** An address, wherever somebody repeats what they were given, without what is between name and host. */
const withoutPasswords = (text: string): string =>
  text.replaceAll(/(\w:\/\/[^\s:/@`]*):[^\s`/]*@/g, (_, before: string) => `${before}@`)

/** Tells a person something on standard error, as lines. */
export const tell = (text: string): void => {
  process.stderr.write(shownOn(process.stderr, `${withoutPasswords(text)}\n`))
}

/** Asks a person for something: the cursor stays behind it. */
export const askFor = (text: string): void => {
  process.stderr.write(shownOn(process.stderr, text))
}

/** Writes over the last line on standard error, where that is a terminal. */
export const overwrite = (line: string): void => {
  process.stderr.write(CLEAR_LINE + plain(line).slice(0, (process.stderr.columns ?? 80) - 1))
}

export const isTerminal = (name: "stdin" | "stdout" | "stderr"): boolean => process[name].isTTY === true

/** How many characters a line of standard output has, where that is a terminal. */
export const terminalWidth = (): number | undefined => process.stdout.columns || undefined

/** A reader that goes away, as `head` does, is told of by the write that failed. */
export const ignoreGoneReaders = (): void => {
  process.stdout.on("error", () => {})
}

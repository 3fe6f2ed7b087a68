/** Output: JSON for programs, aligned lines for people. Never a secret that was not just made for the reader. */
import * as Effect from "effect/Effect"
import { plain } from "../../properties/kit/render/Plain.ts"
import { CommandFault } from "./Failure.ts"
import { jsonText, writeOut } from "./Terminal.ts"

/** Prints a line, and fails if it did not get out: what is shown once must not be lost in silence. */
export const printLine = (line: string): Effect.Effect<void, CommandFault> =>
  Effect.callback((resume) => {
    writeOut(`${line}\n`, (error) => {
      const isReaderGone = (error as NodeJS.ErrnoException | null | undefined)?.code === "EPIPE"
      if (!error || isReaderGone) return resume(Effect.void)
      resume(Effect.fail(new CommandFault({ message: `standard output cannot be written: ${error.message}` })))
    })
  })

/** Fails on what is nested deeper than can be written: some of it came from outside. */
export const printJson = (value: unknown): Effect.Effect<void, CommandFault> =>
  Effect.flatMap(
    Effect.try({
      try: () => jsonText(value, 2),
      catch: () => new CommandFault({ message: "the answer is nested too deeply to be shown as JSON" }),
    }),
    printLine,
  )

/** `name  value` lines, the names padded to one width. */
export const printFields = (fields: Readonly<Record<string, unknown>>): Effect.Effect<void, CommandFault> => {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  const width = Math.max(...shown.map(([name]) => name.length))
  const lines = shown.map(([name, value]) => `${name.padEnd(width)}  ${textOf(value)}`)
  return printLine(lines.join("\n"))
}

/** Rows under their headings; says so when there are none. */
export const printTable = (
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
  none: string,
): Effect.Effect<void, CommandFault> => {
  const [first] = rows
  if (first === undefined) return printLine(none)
  const headings = Object.keys(first)
  const cells = [headings, ...rows.map((row) => headings.map((heading) => textOf(row[heading])))]
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  )
  return printLine(lines.join("\n"))
}

export const time = (millis: number): string => new Date(millis).toISOString()

/** A value as text; some of it came from outside, so nothing in it may move the cursor or start a line. */
export const textOf = (value: unknown): string => {
  if (value === undefined || value === null) return "-"
  const text = Array.isArray(value)
    ? value.join(" ")
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value)
  return plain(text) || "-"
}

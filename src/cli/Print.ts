/** Output: JSON for programs, aligned lines for people. Never a secret that was not just made for the reader. */
import { Console, Effect } from "effect"

export const printJson = (value: unknown): Effect.Effect<void> => Console.log(JSON.stringify(value, null, 2))

/** `name  value` lines, the names padded to one width. */
export const printFields = (fields: Readonly<Record<string, unknown>>): Effect.Effect<void> => {
  const shown = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  const width = Math.max(...shown.map(([name]) => name.length))
  const lines = shown.map(([name, value]) => `${name.padEnd(width)}  ${textOf(value)}`)
  return Console.log(lines.join("\n"))
}

/** Rows under their headings; says so when there are none. */
export const printTable = (
  rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
  none: string,
): Effect.Effect<void> => {
  const [first] = rows
  if (first === undefined) return Console.log(none)
  const headings = Object.keys(first)
  const cells = [headings, ...rows.map((row) => headings.map((heading) => textOf(row[heading])))]
  const widths = headings.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)))
  const lines = cells.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  )
  return Console.log(lines.join("\n"))
}

export const time = (millis: number): string => new Date(millis).toISOString()

const textOf = (value: unknown): string => {
  if (value === undefined || value === null || value === "") return "-"
  return Array.isArray(value)
    ? value.join(" ") || "-"
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value)
}

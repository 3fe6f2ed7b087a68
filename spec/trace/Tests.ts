/**
 * What the tests say they try: ids in `//= <id>` lines directly above a test, or in front of its title (`A07: …`).
 *
 * A test is `it`, `test` or `describe` with a title written out, or a rule of a table (`"title": () => …`). Read as text,
 * in the shape that prettier gives it; where that fails to show a title, it is a fault and never a guess.
 */
import { posix } from "node:path"
import type { SourceText } from "./Sources.ts"

export interface NamedTest {
  readonly path: string
  readonly line: number
  readonly title: string
  readonly ids: readonly string[]
  /** The test files that run it: itself, or those that import it. */
  readonly runIn: readonly string[]
}

export interface NamedTests {
  readonly tests: readonly NamedTest[]
  readonly faults: readonly string[]
}

const call = /^(\s*)(?:it|test|describe)(?:\.\w+)*\(/
const rule = /^\s*("(?:[^"\\]|\\.)*"): /
const literal = /^\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)/
/** Ids that stand in front of a title, up to a colon: several are separated by commas. */
const prefix = /^((?:A\d+|B\d+|P-[A-Z]+|[A-Z][A-Z0-9]*-[^\s,:]+)(?:, (?:A\d+|B\d+|P-[A-Z]+|[A-Z][A-Z0-9]*-[^\s,:]+))*):/

export const namedTests = (files: readonly SourceText[]): NamedTests => {
  const runners = runnersOf(files)
  const found = files.map(({ path, text }) => inFile(path, text.split("\n"), runners.get(path) ?? []))
  return { tests: found.flatMap(({ tests }) => tests), faults: found.flatMap(({ faults }) => faults) }
}

const inFile = (path: string, lines: readonly string[], runIn: readonly string[]): NamedTests => {
  const tests: NamedTest[] = []
  const faults: string[] = []
  let above: string[] = []
  for (const [index, content] of lines.entries()) {
    const id = /^\s*\/\/=(.*)$/.exec(content)?.[1]
    if (id !== undefined) {
      above = [...above, id.trim()]
      continue
    }
    const title = titleAt(lines, index)
    const ids = [...above, ...idsInFrontOf(title)]
    if (above.length > 0 && title === undefined) {
      faults.push(`${path}:${index + 1} ${above.join(", ")} does not stand above a test whose title is written out`)
    }
    if (ids.length > 0 && title !== undefined) tests.push({ path, line: index + 1, title, ids, runIn })
    above = []
  }
  return { tests, faults }
}

const idsInFrontOf = (title: string | undefined): readonly string[] =>
  title === undefined ? [] : (prefix.exec(title)?.[1]?.split(", ") ?? [])

const titleAt = (lines: readonly string[], index: number): string | undefined => {
  const line = lines[index] ?? ""
  const key = rule.exec(line)?.[1]
  if (key !== undefined) return unquoted(key)
  const opened = call.exec(line)
  if (opened === null) return undefined
  const [head, indentation = ""] = opened
  if (!/\.(?:each|for|skipIf|runIf)\($/.test(head)) return firstLiteral(line.slice(head.length), lines[index + 1])
  // The table of cases, or the condition, ends on this line, or on the first one that is indented no further.
  const end = line.includes(")(")
    ? index
    : lines.findIndex(
        (content, at) =>
          at > index && content.startsWith(indentation) && !/^\s/.test(content.slice(indentation.length)),
      )
  const closing = lines[end] ?? ""
  const mark = closing.lastIndexOf(")(")
  return mark < 0 ? undefined : firstLiteral(closing.slice(mark + 2), lines[end + 1])
}

const firstLiteral = (rest: string, next: string | undefined): string | undefined => {
  const text = literal.exec(rest)?.[1] ?? (rest.trim() === "" ? literal.exec(next ?? "")?.[1] : undefined)
  return text === undefined ? undefined : unquoted(text)
}

const unquoted = (text: string): string => text.slice(1, -1).replaceAll(/\\(.)/g, "$1")

const filledIn = /%[a-z#%]|\$\{[^}]*\}|\$[a-zA-Z][\w.]*/

/** The longest part of a title into which nothing is filled in: it stands in every title that vitest makes of this one. */
export const longestLiteral = (title: string): string =>
  title.split(filledIn).reduce((longest, part) => (part.length > longest.length ? part : longest), "")

/** A pattern for the titles that vitest makes of this one: what is filled in may be anything. */
export const titlePattern = (title: string): RegExp =>
  new RegExp(
    `^${title
      .split(filledIn)
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join("[^]*")}$`,
  )

/** For each file, the test files that run what is in it. */
const runnersOf = (files: readonly SourceText[]): ReadonlyMap<string, readonly string[]> => {
  const importsOf = new Map(
    files.map(({ path, text }) => [
      path,
      [...text.matchAll(/\bfrom "(\.[^"]+)"/g)].map(([, to = ""]) => posix.join(posix.dirname(path), to)),
    ]),
  )
  const runners = new Map<string, readonly string[]>()
  for (const test of importsOf.keys()) {
    if (!test.endsWith(".test.ts")) continue
    const reached = new Set([test])
    for (const path of reached) for (const next of importsOf.get(path) ?? []) reached.add(next)
    for (const path of reached) {
      // A test file runs its own tests; what it imports of other test files is not its doing.
      if (path === test || !path.endsWith(".test.ts")) runners.set(path, [...(runners.get(path) ?? []), test])
    }
  }
  return runners
}

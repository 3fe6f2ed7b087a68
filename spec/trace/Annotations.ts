/**
 * The annotations in the code: `//= <requirement id>`, above the branch that enforces the requirement; and what a
 * protocol feature answers as a whole, which it says in its member `requirements`.
 *
 * Reads them, and tells which name a requirement that is not in the catalogue. Never asks whether the branch is right:
 * that is for the tests, and for `negate.ts`, which turns branches round to see whether a test notices.
 */
import type { SourceText } from "./Sources.ts"

export interface Annotation {
  readonly path: string
  readonly line: number
  /** All that follows `//=` on the line: a remark after the id makes it another id. */
  readonly id: string
  /** The line that is annotated: the first one below that is no comment. */
  readonly codeLine: number
}

export const annotationsOf = (files: readonly SourceText[]): readonly Annotation[] =>
  files.flatMap(({ path, text }) => {
    const lines = text.split("\n")
    return lines.flatMap((content, index) => {
      const id = /(?:^|\s)\/\/=(.*)$/.exec(content)?.[1]
      const ids = id === undefined ? requirementsOfFeature(path, content) : [id.trim()]
      return ids.map((one) => ({ path, line: index + 1, id: one, codeLine: codeLineFrom(lines, index) }))
    })
  })

/** What stands in the member of that name, which is one line. */
const requirementsOfFeature = (path: string, content: string): readonly string[] => {
  const listed = path.startsWith("src/provider/features/")
    ? /^\s*requirements: \[(.*)\],$/.exec(content)?.[1]
    : undefined
  return [...(listed ?? "").matchAll(/"([^"]+)"/g)].map(([, id]) => id!)
}

const codeLineFrom = (lines: readonly string[], from: number): number => {
  const below = lines.findIndex((content, index) => index >= from && !/^\s*(?:\/\/|$)/.test(content))
  return (below < 0 ? from : below) + 1
}

/** Annotations whose id is not among the known ones, as `path:line id`. */
export const unknownAnnotations = (files: readonly SourceText[], known: ReadonlySet<string>): readonly string[] =>
  annotationsOf(files)
    .filter((annotation) => !known.has(annotation.id))
    .map((annotation) => `${annotation.path}:${annotation.line} ${annotation.id}`)

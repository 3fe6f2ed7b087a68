/**
 * The annotations in the code: `//= <requirement id>`, above the branch that enforces the requirement.
 *
 * Reads them, and tells which name a requirement that is not in the catalogue. Never asks whether the branch is right.
 */
import type { SourceText } from "./Tree.ts"

export interface Annotation {
  readonly path: string
  readonly line: number
  /** All that follows `//=` on the line: a remark after the id makes it another id. */
  readonly id: string
}

export const annotationsOf = (files: readonly SourceText[]): readonly Annotation[] =>
  files.flatMap(({ path, text }) =>
    text.split("\n").flatMap((content, index) => {
      const id = /(?:^|\s)\/\/=(.*)$/.exec(content)?.[1]
      return id === undefined ? [] : [{ path, line: index + 1, id: id.trim() }]
    }),
  )

/** Annotations whose id is not among the known ones, as `path:line id`. */
export const unknownAnnotations = (files: readonly SourceText[], known: ReadonlySet<string>): readonly string[] =>
  annotationsOf(files)
    .filter((annotation) => !known.has(annotation.id))
    .map((annotation) => `${annotation.path}:${annotation.line} ${annotation.id}`)

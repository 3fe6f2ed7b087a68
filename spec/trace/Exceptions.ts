/**
 * What is declined, and why: pages in `spec/exceptions`, one a theme.
 *
 * A page is Markdown: a heading, then `Declines: <id>, <id>` on a line of its own, then the reason. A requirement is
 * declined by one page at most; a page that declines nothing is a fault.
 */
import type { SourceText } from "./Sources.ts"

export interface Exception {
  readonly path: string
  readonly title: string
  readonly ids: readonly string[]
}

export interface Exceptions {
  readonly pages: readonly Exception[]
  readonly faults: readonly string[]
}

export const exceptionsOf = (files: readonly SourceText[]): Exceptions => {
  const pages = files.map(({ path, text }) => ({
    path,
    title: /^# (.+)$/m.exec(text)?.[1] ?? "",
    ids: [...text.matchAll(/^Declines: (.+)$/gm)].flatMap(([, list = ""]) => list.split(",").map((id) => id.trim())),
  }))
  const declined = pages.flatMap(({ ids }) => ids)
  const twice = new Set(declined.filter((id, index) => declined.indexOf(id) !== index))
  return {
    pages,
    faults: [
      ...pages.filter(({ title }) => title === "").map(({ path }) => `${path} has no heading`),
      ...pages.filter(({ ids }) => ids.length === 0).map(({ path }) => `${path} has no line \`Declines: <id>\``),
      ...[...twice].map((id) => `${id} is declined twice`),
    ],
  }
}

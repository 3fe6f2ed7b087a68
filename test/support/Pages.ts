/** The pages that people read, by their path from the top, and what stands on them. */
import { existsSync } from "node:fs"
import { join, posix } from "node:path"
import { filesOf, repository, type SourceText } from "../../spec/trace/Sources.ts"

/** README first, then those in the folders that it leads to. Those of `spec` are generated, or decisions. */
export const pages: ReadonlyArray<SourceText> = [
  ...filesOf("README.md", "").filter(({ path }) => path === "README.md"),
  ...filesOf("README.md", "src", "test", "properties"),
]

export const pageAt = (path: string): string => {
  const page = pages.find((one) => one.path === path)
  if (page === undefined) throw new Error(`there is no page \`${path}\``)
  return page.text
}

/** The texts of the code blocks in a language. */
export const blocksOf = (text: string, language: string): ReadonlyArray<string> =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, block]) => block!)

export interface Step {
  readonly title: string
  readonly blocks: ReadonlyArray<{ readonly language: string; readonly text: string }>
}

/** The parts of a section of a page, by their headings, with their code blocks in order; throws where there is no such section. */
export const stepsOf = (path: string, section: string): ReadonlyArray<Step> => {
  const [, rest] = pageAt(path).split(`\n## ${section}\n`)
  if (rest === undefined) throw new Error(`${path} has no section \`${section}\``)
  const [body] = rest.split("\n## ")
  return body!
    .split("\n### ")
    .slice(1)
    .map((part) => ({
      title: part.split("\n")[0]!,
      blocks: [...part.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language, text]) => ({
        language: language!,
        text: text!,
      })),
    }))
}

/** What stands in backquotes inside of a sentence or a table. */
export const codeSpansOf = (text: string): ReadonlyArray<string> =>
  [...text.replaceAll(/^```.*?^```$/gms, "").matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!)

/** Where the links and pictures of a page lead, below the top, without the part behind `#`; web addresses are left out. */
export const linksOf = ({ path, text }: SourceText): ReadonlyArray<string> =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, link]) => link!)
    .filter((link) => !/^[a-z]+:/.test(link))
    .map((link) => posix.join(posix.dirname(path), link))

/** The links to a heading of the same page for which there is none. */
export const deadAnchorsOf = ({ text }: SourceText): ReadonlyArray<string> => {
  const anchors = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  )
  return [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor!).filter((one) => !anchors.includes(one))
}

export const isThere = (path: string): boolean => existsSync(join(repository, path))

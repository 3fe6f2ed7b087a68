/**
 * What lies where, and how a file must look from outside: the top level, names, lengths, opening comments.
 *
 * The rules are functions over paths and texts, so that each can be shown to fail; only the reader touches the disk.
 */
import { execFileSync } from "node:child_process"
import { repository, type SourceText } from "../../spec/trace/Sources.ts"

/** Every path that git tracks or would track. */
export const trackedPaths = (): readonly string[] =>
  execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: repository,
    encoding: "utf8",
  })
    .split("\0")
    .filter((path) => path !== "")

const topLevel = [
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "src",
  "spec",
  "properties",
  "test",
  "README.md",
  "LICENSE",
]

/** Top-level entries that have no business there; dotfiles may stand. */
export const strayEntries = (paths: readonly string[]): readonly string[] =>
  [...new Set(paths.map((path) => path.split("/")[0] ?? path))].filter(
    (entry) => !entry.startsWith(".") && !topLevel.includes(entry),
  )

const vague = /^(utils?|helpers?|common|misc|managers?|base)$/i

/** Paths of which a word, in the file's or a folder's name, says nothing about what is inside. */
export const vagueNames = (paths: readonly string[]): readonly string[] =>
  paths.filter((path) => path.split(/[/._-]|(?<=[a-z0-9])(?=[A-Z])/).some((word) => vague.test(word)))

export const maxLineCount = 300

/** Files with more lines than one concept needs. */
export const overlongFiles = (files: readonly SourceText[]): readonly string[] =>
  files.filter((file) => file.text.replace(/\n$/, "").split("\n").length > maxLineCount).map((file) => file.path)

/** Files that do not open with a doc comment (after the `#!` line, where there is one). */
export const undocumentedFiles = (files: readonly SourceText[]): readonly string[] =>
  files.filter((file) => !/^(#!.*\n)?\/\*\*/.test(file.text)).map((file) => file.path)

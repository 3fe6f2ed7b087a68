/**
 * Programs that stand in pages and doc comments, run as their readers would: each in an empty folder, all in one process.
 *
 * `grantlog` and its entry points are those of this repository, and port 4000 is a free one.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { pathToFileURL } from "node:url"
import { repository } from "../../spec/trace/Sources.ts"
import { runnable, startProgram } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { freePort } from "./FreePort.ts"
import { blocksOf, pageAt } from "./Pages.ts"

/** The page of the jobs that people do most often. */
export const JOBS_PAGE = "src/entry/README.md"

export interface Snippet {
  readonly name: string
  readonly text: string
  /** What shows that it does what it says: more of the same program. */
  readonly ending?: string
  /** Files beside it, by name. */
  readonly beside?: Readonly<Record<string, string>>
}

/** The jobs, each under its heading. */
export const jobs = (): ReadonlyArray<Snippet> =>
  pageAt(JOBS_PAGE)
    .split(/^## /m)
    .slice(1)
    .map((section) => ({ name: section.split("\n")[0]!, text: blocksOf(section, "ts").join("\n") }))

/** The file of an entry point, by how it is imported. */
export const entryFileOf = (specifier: string): string =>
  `src/entry/${specifier === "grantlog" ? specifier : specifier.slice("grantlog/".length)}.ts`

const fromRepository = (program: string): string =>
  program.replaceAll(
    /from "(grantlog(?:\/[a-z]+)?)"/g,
    (_, specifier: string) =>
      `from ${JSON.stringify(pathToFileURL(runnable(join(repository, entryFileOf(specifier)))).href)}`,
  )

const RUNNER = `
const [, , folder, ...names] = process.argv
for (const name of names) {
  process.chdir(folder + "/" + name)
  try {
    await import("file://" + folder + "/" + name + "/program.ts")
    console.log("RAN " + name)
  } catch (fault) {
    console.log("FAILED " + name + "\\n" + fault?.stack)
  }
}
process.exit(0)
`

/** Writes a program into an empty folder, as `program.ts`, with what belongs beside it. */
export const writeSnippet = async (
  at: string,
  { text: program, ending = "", beside = {} }: Omit<Snippet, "name">,
): Promise<void> => {
  mkdirSync(at)
  const own = `${fromRepository(program)}\n${ending}`.replaceAll("4000", String(await freePort()))
  writeFileSync(join(at, "program.ts"), own)
  for (const [name, content] of Object.entries(beside)) writeFileSync(join(at, name), fromRepository(content))
}

/** Runs them one after the other; gives what each printed last, \`RAN\` for those that ran to their end. */
export const runSnippets = async (
  snippets: ReadonlyArray<Snippet>,
  env: Readonly<Record<string, string>> = {},
): Promise<ReadonlyMap<string, string>> => {
  using folder = temporaryFolder()
  symlinkSync(join(repository, "node_modules"), folder.at("node_modules"))
  writeFileSync(folder.at("run.mjs"), RUNNER)
  for (const [index, snippet] of snippets.entries()) await writeSnippet(folder.at(String(index)), snippet)
  const child = startProgram([folder.at("run.mjs"), folder.at("."), ...snippets.map((_, index) => String(index))], env)
  child.stdin.end()
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const outcomes = [...stdout.matchAll(/^(RAN|FAILED) (\d+)([^]*?)(?=^(?:RAN|FAILED) |$(?![^]))/gm)]
  const byName = new Map(
    outcomes.map(([, word, index, rest]) => [snippets[Number(index)]!.name, word === "RAN" ? "RAN" : `${word}${rest}`]),
  )
  return new Map(snippets.map(({ name }) => [name, byName.get(name) ?? `did not end: ${stderr}`]))
}

/**
 * What an import loads: every module that is read for it, seen by a process of its own.
 *
 * Node's own hook does the seeing, so that a module counts whoever imports it and however.
 */
import { execFileSync } from "node:child_process"
import { repository } from "../../spec/trace/Sources.ts"

export interface Loaded {
  /** Files of ours, from the top. */
  readonly files: readonly string[]
  /** Names of packages, each once, in the order of letters. */
  readonly packages: readonly string[]
}

/** Writes the address of each module that loading `process.argv[1]` reads. */
const WATCHER = `
import { registerHooks } from "node:module"
const seen = []
registerHooks({ load: (url, context, next) => (seen.push(url), next(url, context)) })
await import(process.argv[1])
process.stdout.write(JSON.stringify(seen))
`

/** Loads a module by its path from the top, or by its specifier. */
export const loadedBy = (module: string): Loaded => {
  const specifier = module.startsWith("src/") ? new URL(`../../${module}`, import.meta.url).href : module
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", WATCHER, specifier], {
    cwd: repository,
    encoding: "utf8",
  })
  const urls = JSON.parse(output) as readonly string[]
  const paths = urls.filter((url) => url.startsWith("file:")).map((url) => url.slice(url.indexOf(ROOT) + ROOT.length))
  const packages = paths.flatMap((path) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])
  return { files: paths.filter((path) => !path.includes("node_modules/")), packages: [...new Set(packages)].toSorted() }
}

const ROOT = new URL("../../", import.meta.url).pathname

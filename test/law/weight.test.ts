/**
 * What importing an entry point loads: the light ones load no Effect, and of packages only those that are named here.
 *
 * A process of its own imports the entry point and lists the modules that Node loads for it, so that what a package loads
 * counts, too. The rule is first shown to see a made-up entry point that loads too much.
 */
import { execFileSync } from "node:child_process"
import { expect, it } from "vitest"

/** The packages that each light entry point loads, with those that they load themselves. */
const light: Readonly<Record<string, readonly string[]>> = {
  "src/entry/client.ts": ["env-paths", "ipaddr.js", "is-safe-filename", "oauth4webapi"],
}

const LISTING = `
import { registerHooks } from "node:module"
const urls = []
registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
for (const entry of process.argv.slice(1)) await import(entry.includes(":") ? entry : new URL(entry, "file://" + process.cwd() + "/"))
console.log(JSON.stringify(urls))`

/** The packages that Node loads modules of for an entry point. */
const packagesOf = (entry: string): readonly string[] => {
  const listed = execFileSync(process.execPath, ["--input-type=module", "--eval", LISTING, entry], { encoding: "utf8" })
  const urls = JSON.parse(listed) as ReadonlyArray<string>
  const names = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
  return [...new Set(names)].toSorted()
}

it.each(Object.entries(light))("%s loads of packages %j and no others", (entry, packages) => {
  const heavier = `data:text/javascript,import "${new URL("../../node_modules/effect/dist/Duration.js", import.meta.url)}"`
  expect(packagesOf(heavier)).toContain("effect")
  expect(packagesOf(entry)).toEqual(packages)
})

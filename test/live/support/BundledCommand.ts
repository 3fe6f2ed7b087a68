/**
 * The `grantlog` command bundled, made anew for each run of the tests that start it many hundred times.
 *
 * Loading some six hundred modules is most of what a short command costs; one file starts in a third of that time. It is
 * the same source. What people start, the source in a checkout and the build in a package, is tried by `Newcomer` and
 * `Package`.
 */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"
import { BUNDLE_VARIABLE } from "./Command.ts"

const at = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))

/** These stay where they are, for they ask where they lie, or are optional. */
const OUTSIDE = ["better-sqlite3", "proper-lockfile", "undici", "write-file-atomic", /^@modelcontextprotocol\//]

/** Before the first test of a run; workers are started with the environment that is left here. */
const setup = async (): Promise<void> => {
  const dir = at("node_modules/.cache/grantlog-command")
  const bundle = await rolldown({
    // The process that a check runs in is started by its own file, which lies beside that of the command.
    input: { main: at("src/cli/main.ts"), Child: at("src/cli/check/Child.ts") },
    platform: "node",
    external: OUTSIDE,
    logLevel: "warn",
  })
  await bundle.write({ dir, cleanDir: true, minify: "dce-only" })
  await bundle.close()
  // Else each start looks through the file for what kind of module it is.
  writeFileSync(`${dir}/package.json`, JSON.stringify({ type: "module" }))
  process.env[BUNDLE_VARIABLE] = `${dir}/main.js`
}

export default setup

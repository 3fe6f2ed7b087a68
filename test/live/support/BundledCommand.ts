/**
 * The `grantlog` command bundled as it is shipped, and what else is loaded again and again by processes of tests: programs of
 * their own and the entry points. It is made anew for each run of the tests that start them many hundred times.
 *
 * It is the same source. What people start, the source in a checkout and the build in a package, is tried by `Newcomer` and
 * `Package`.
 */
import { readdirSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bundleCommand, bundlePrograms } from "../../config/bundleCommand.ts"
import { BUNDLE_VARIABLE, PROGRAMS } from "./Command.ts"

/** Most of them are killed, so that nothing of what Node compiled is kept for the next. */
const programs = [
  "properties/index",
  "test/live/support/SharingClient",
  "test/live/support/StorageProcess",
  "test/live/support/archiving",
  "test/live/support/forgetting",
  "test/live/support/library",
  "test/live/support/migrating",
  "test/live/support/restoring",
  "test/live/support/telling",
  "test/log/AppendingProcess",
  "test/provider/SuspendingProcess",
  "test/soak/Instance",
]

/** Before the first test of a run; workers are started with the environment that is left here. */
const setup = async (): Promise<void> => {
  const folder = fileURLToPath(new URL("../../../node_modules/.cache/grantlog-command", import.meta.url))
  await bundleCommand(folder)
  const entries = readdirSync(new URL("../../../src/entry", import.meta.url), "utf8").filter((name) =>
    name.endsWith(".ts"),
  )
  const sources = [...programs.map((name) => `${name}.ts`), ...entries.map((name) => `src/entry/${name}`)]
  const input = Object.fromEntries(sources.map((source) => [source.replace(/\.ts$/, ""), source]))
  await bundlePrograms(`${folder}/${PROGRAMS}`, input)
  // Else each start looks through the file for what kind of module it is.
  writeFileSync(`${folder}/package.json`, JSON.stringify({ type: "module" }))
  process.env[BUNDLE_VARIABLE] = `${folder}/main.js`
}

export default setup

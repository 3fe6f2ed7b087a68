/**
 * The `grantlog` command bundled as it is shipped, and the programs of tests that are started again and again, made anew
 * for each run of the tests that start them many hundred times.
 *
 * It is the same source. What people start, the source in a checkout and the build in a package, is tried by `Newcomer` and
 * `Package`.
 */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bundleCommand, bundlePrograms } from "../../config/bundleCommand.ts"
import { BUNDLE_VARIABLE, PROGRAMS } from "./Command.ts"

/** Most of them are killed, so that nothing of what Node compiled is kept for the next. */
const programs = [
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
  await bundlePrograms(`${folder}/${PROGRAMS}`, Object.fromEntries(programs.map((name) => [name, `${name}.ts`])))
  // Else each start looks through the file for what kind of module it is.
  writeFileSync(`${folder}/package.json`, JSON.stringify({ type: "module" }))
  process.env[BUNDLE_VARIABLE] = `${folder}/main.js`
}

export default setup

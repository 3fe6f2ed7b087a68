/**
 * The `grantlog` command bundled as it is shipped, made anew for each run of the tests that start it many hundred times.
 *
 * It is the same source. What people start, the source in a checkout and the build in a package, is tried by `Newcomer` and
 * `Package`.
 */
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { bundleCommand } from "../../config/bundleCommand.ts"
import { BUNDLE_VARIABLE } from "./Command.ts"

/** Before the first test of a run; workers are started with the environment that is left here. */
const setup = async (): Promise<void> => {
  const folder = fileURLToPath(new URL("../../../node_modules/.cache/grantlog-command", import.meta.url))
  await bundleCommand(folder)
  // Else each start looks through the file for what kind of module it is.
  writeFileSync(`${folder}/package.json`, JSON.stringify({ type: "module" }))
  process.env[BUNDLE_VARIABLE] = `${folder}/main.js`
}

export default setup

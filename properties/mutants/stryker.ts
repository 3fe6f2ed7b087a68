/**
 * `npm run stryker -- [folder] [file …]`: every small fault that Stryker can think of, made in one folder of `src`
 * (default `core`), and whether the folder's own tests notice.
 *
 * Of a whole folder `SURVIVORS.md` tells what survived; files named after it are tried alone, and nothing is written.
 * With `STRYKER_INCREMENTAL` set in the environment, what neither its own lines nor its tests changed for is taken from
 * the last run of that kind, so that file by file adds up to a folder. It does not see what changed elsewhere: what is
 * to be believed is a whole run without it. With `STRYKER_TESTS` only the tests that it names (paths, a space between
 * them) are asked, which is quick: good for writing the tests of one file.
 */
import { spawnSync } from "node:child_process"
import { existsSync, rmSync } from "node:fs"
import { judgeSurvivors, reportOf } from "./survivors.ts"

const [folder = "core", ...files] = process.argv.slice(2)
const missing = [folder, ...files.map((file) => `${folder}/${file}`)].find(
  (path) => !existsSync(new URL(`../../src/${path}`, import.meta.url)),
)
if (missing !== undefined) {
  console.error(`there is no \`src/${missing}\`: name a folder of src, and files below it`)
  process.exit(2)
}

// A run that comes to nothing must not be judged by the report of another.
rmSync(reportOf(folder), { force: true })
const { status } = spawnSync(process.execPath, ["test/config/runStryker.ts"], {
  stdio: "inherit",
  env: { ...process.env, STRYKER_FOLDER: folder, STRYKER_FILES: files.join(" ") },
})
const isWhole = files.length === 0 && (process.env["STRYKER_TESTS"] ?? "") === ""
const isReported = existsSync(reportOf(folder))
const isExplained = isReported && judgeSurvivors(folder, { isWhole })
process.exitCode = status === 0 && isExplained ? 0 : 1

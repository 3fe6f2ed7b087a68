/**
 * What Stryker is told by `properties/mutants/stryker.ts`, which names the folder of `src` and perhaps files in it.
 *
 * `properties/mutants/survivors.ts` reads the json report and says of each survivor why it may live.
 */
import { tmpdir } from "node:os"
import { join } from "node:path"

// Each mutant gets a worker of its own, which loads the same modules again: compiled once, that takes half the time.
process.env.NODE_COMPILE_CACHE ??= join(tmpdir(), "node-compile-cache")

const { STRYKER_FOLDER: folder = "core", STRYKER_FILES: files = "", STRYKER_TESTS: tests = "" } = process.env
/** What a folder must have noticed, in percent. Half of the command is texts and processes of their own. */
const leastScore = folder === "cli" ? 80 : 88
const patterns = files === "" ? ["**/*.ts"] : files.split(" ")

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  mutate: patterns.map((pattern) => `src/${folder}/${pattern}`),
  testRunner: "vitest",
  // Which tests see a mutant Stryker has counted itself; looking for related files would be done anew for each mutant.
  vitest: { configFile: "test/config/vitest.stryker.config.ts", related: false },
  coverageAnalysis: "perTest",
  // A mutant that acts while a module loads counts too: schemas, patterns and constants are half of what the core says.
  ignoreStatic: false,
  warnings: { slow: false },
  // A mutant that hangs leaves behind what it held: a runner that goes on with all of that soon only collects garbage.
  maxTestRunnerReuse: 60,
  concurrency: Number(process.env.STRYKER_CONCURRENCY ?? 2),
  // A busy machine is no endless loop; Stryker counts the rounds of those.
  timeoutMS: 30_000,
  dryRunTimeoutMinutes: 30,
  // What the tests need of the tree; nothing else is copied. Not tsconfig.json either, which Stryker would rewrite with an
  // interface of the compiler that TypeScript 7 has not.
  ignorePatterns: ["**", "!src/**", "!spec/**", "!properties/**", "!test/**", "!package.json"],
  disableTypeChecks: false,
  tempDirName: ".stryker-tmp",
  incremental: process.env["STRYKER_INCREMENTAL"] !== undefined,
  incrementalFile: `.last-run/stryker-incremental-${folder}.json`,
  reporters: ["json", "progress"],
  jsonReporter: { fileName: `.last-run/stryker-${folder}.json` },
  thresholds: { high: 95, low: leastScore, break: files === "" && tests === "" ? leastScore : null },
}

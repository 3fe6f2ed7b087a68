import { BaseSequencer, type TestSpecification } from "vitest/node"
import { defineConfig, type Plugin } from "vitest/config"
import { cheapPasswords } from "./CheapPasswords.ts"
import { rewritingPlugin } from "./Rewritten.ts"
import { warmThread } from "./WarmThread.ts"

/** The files that took the least before come first: what they do not notice, those that take longer are asked. */
class QuickestFirst extends BaseSequencer {
  override sort(files: ReadonlyArray<TestSpecification>): Promise<Array<TestSpecification>> {
    const tookMillis = (file: TestSpecification) => this.ctx.cache.getTestSpecificationResult(file)?.duration ?? 0
    return Promise.resolve(files.toSorted((left, right) => tookMillis(left) - tookMillis(right)))
  }
}

const { STRYKER_FOLDER: folder = "core", STRYKER_TESTS: own = "", STRYKER_POSTGRES: postgres } = process.env

/** What survives is tried by every test there is: by those with made-up input half as often, but for the core. */
const fewerRuns: Plugin = {
  name: "fewer-runs",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith(".test.ts")
      ? code.replaceAll(/(numRuns: )(\d{2,})/g, (_, what, count) => `${what}${Math.ceil(Number(count) / 2)}`)
      : null,
}

const all = [`test/${folder}/**/*.test.ts`, ...(folder === "core" ? ["properties/invariants/**/*.test.ts"] : [])]

/** The tests that have to notice what Stryker breaks: the folder's own, and for the core those of the promises. */
export default defineConfig({
  plugins: [
    warmThread,
    ...(folder === "provider" ? [] : [rewritingPlugin(cheapPasswords)]),
    ...(folder === "core" ? [] : [fewerRuns]),
  ],
  test: {
    pool: "threads",
    isolate: false,
    expect: { requireAssertions: true },
    // A busy machine notices nothing: what takes long here is the mutants that never answer.
    testTimeout: 20_000,
    hookTimeout: 20_000,
    ...(folder === "cli" ? { setupFiles: ["test/config/LoadModules.ts"] } : {}),
    provide: { postgres },
    include: own === "" ? all : own.split(" "),
    // An hour of strangers takes a quarter of a minute, for whatever survives: what it is about is in src/provider. Ten
    // thousand refreshes take as long as all other tests of the rows, which hold each row against its fold. Programs of
    // their own have no mutant in them, editing every row of the store's tables tries src/projection, and foreign text in
    // every place of every answer notices nothing that other tests of the command do not.
    exclude: [
      "test/http/StrangersGrowth.test.ts",
      "test/http/token/TokenRate.test.ts",
      "test/projection/Size.test.ts",
      "test/audit/archive/Killed.test.ts",
      "test/audit/proof/Forgery.test.ts",
      "test/cli/Check.test.ts",
      "test/cli/CheckIssuerFlags.test.ts",
      "test/cli/check/Watching.test.ts",
      "test/cli/check/Module.test.ts",
      "test/cli/ForeignText.test.ts",
    ],
    sequence: { sequencer: QuickestFirst },
  },
})

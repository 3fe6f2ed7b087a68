import { BaseSequencer, type TestSpecification } from "vitest/node"
import { defineConfig, type Plugin } from "vitest/config"
import { warmThread } from "./WarmThread.ts"

/** What tries made-up input, many at once, or passwords, whose hash is slow on purpose. */
const SLOW =
  /totality|Upcast|TwoIssuers|Sharing|client\/Flow|client\/storage|Any(?:Field|Input)|Concurrency|ManyConnections|Account|Attacks|OpenIdLogin|http\/Consent|UnvouchedRedirects|IssuerPath|PasswordGate|SignInRaces|token\/Token/

/** Rules and examples notice most faults at once; what takes longer is only asked after them. */
class QuickestFirst extends BaseSequencer {
  override sort(files: ReadonlyArray<TestSpecification>): Promise<Array<TestSpecification>> {
    const isSlow = ({ moduleId }: TestSpecification) => Number(SLOW.test(moduleId))
    const byName = (left: TestSpecification, right: TestSpecification) => left.moduleId.localeCompare(right.moduleId)
    return Promise.resolve(files.toSorted((left, right) => isSlow(left) - isSlow(right) || byName(left, right)))
  }
}

const { STRYKER_FOLDER: folder = "core" } = process.env

/**
 * Sign-in costs what argon2id costs, thousands of times. What hashes passwords lies in `src/provider`: where other
 * folders are tried it hashes at the least cost there is.
 */
const cheapPasswords: Plugin = {
  name: "cheap-passwords",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith("src/provider/Accounts.ts") ? code.replace("memory: 19_456, passes: 2", "memory: 8, passes: 1") : null,
}

/** What survives is tried by every test there is: by those with made-up input half as often, but for the core. */
const fewerRuns: Plugin = {
  name: "fewer-runs",
  enforce: "pre",
  transform: (code, id) =>
    id.endsWith(".test.ts")
      ? code.replaceAll(/(numRuns: |const RUNS = )(\d{2,})/g, (_, what, count) => `${what}${Math.ceil(Number(count) / 2)}`)
      : null,
}

/** The tests that have to notice what Stryker breaks: the folder's own, and for the core those of the promises. */
export default defineConfig({
  plugins: [warmThread, ...(folder === "provider" ? [] : [cheapPasswords]), ...(folder === "core" ? [] : [fewerRuns])],
  test: {
    pool: "threads",
    isolate: false,
    expect: { requireAssertions: true },
    include: [`test/${folder}/**/*.test.ts`, ...(folder === "core" ? ["properties/invariants/**/*.test.ts"] : [])],
    sequence: { sequencer: QuickestFirst },
  },
})

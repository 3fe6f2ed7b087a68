import { BaseSequencer, type TestSpecification } from "vitest/node"
import { defineConfig } from "vitest/config"

/** What tries made-up input, many at once, or passwords, whose hash is slow on purpose. */
const SLOW =
  /totality|Upcast|Any(?:Field|Input)|Concurrency|ManyConnections|Account|Attacks|OpenIdLogin|http\/Consent|UnvouchedRedirects|IssuerPath|PasswordGate|SignInRaces|token\/Token/

/** Rules and examples notice most faults at once; what takes longer is only asked after them. */
class QuickestFirst extends BaseSequencer {
  override sort(files: ReadonlyArray<TestSpecification>): Promise<Array<TestSpecification>> {
    const isSlow = ({ moduleId }: TestSpecification) => Number(SLOW.test(moduleId))
    const byName = (left: TestSpecification, right: TestSpecification) => left.moduleId.localeCompare(right.moduleId)
    return Promise.resolve(files.toSorted((left, right) => isSlow(left) - isSlow(right) || byName(left, right)))
  }
}

const { STRYKER_FOLDER: folder = "core" } = process.env

/** The tests that have to notice what Stryker breaks: the folder's own, and for the core those of the promises. */
export default defineConfig({
  test: {
    pool: "threads",
    isolate: false,
    expect: { requireAssertions: true },
    include: [`test/${folder}/**/*.test.ts`, ...(folder === "core" ? ["properties/invariants/**/*.test.ts"] : [])],
    sequence: { sequencer: QuickestFirst },
  },
})

/**
 * `npm run negate -- --count 30 --seed 1`: turns annotated branches round, one at a time, and names those nobody noticed.
 *
 * An annotation says that a branch enforces a clause. If no test fails when the branch does the opposite, the clause is
 * kept by luck. Works on a copy of the tree; the tests that mirror the file come first, then those over HTTP.
 */
import { parseArgs } from "node:util"
import { hasFailed, openWorkbench } from "../../properties/mutants/Workbench.ts"
import { branchesOf, type Branch } from "./Negation.ts"
import { sourceTexts } from "./Sources.ts"

const { values: flags } = parseArgs({
  options: { count: { type: "string", default: "30" }, seed: { type: "string", default: "1" } },
})
const seed = Number(flags.seed)
const count = Number(flags.count)
if (!Number.isInteger(seed) || !(count >= 1)) throw new Error("give --count and --seed as whole numbers")

/** The folders of tests to ask, one after the other. */
const testFolders = (path: string): readonly string[] => {
  const [, folder = ""] = path.split("/")
  return [...new Set([`test/${folder}/`, "test/http/", "test/contract/", "test/provider/"])]
}

/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
const randomFrom = (start: number) => {
  let state = start
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const picked = (branches: readonly Branch[]): readonly Branch[] => {
  const random = randomFrom(seed)
  const drawn = branches.map((branch) => ({ branch, lot: random() })).toSorted((left, right) => left.lot - right.lot)
  return drawn.slice(0, count).map(({ branch }) => branch)
}

const { branches, unconditionalCount } = branchesOf(sourceTexts("src"))
console.log(
  `${branches.length} annotated branches; ${unconditionalCount} annotated places have no condition and are left out; seed ${seed}`,
)

using bench = openWorkbench()
const chosen = picked(branches)
// The tests must pass unbroken, or no failure would prove anything.
const unbroken = bench.run([...new Set(chosen.flatMap(({ path }) => testFolders(path)))])
if (unbroken === undefined || unbroken.length === 0) throw new Error("no test ran over the unbroken tree")
const failing = unbroken.filter(({ status }) => status === "failed").map(({ fullName }) => fullName)
if (failing.length > 0) throw new Error(`these tests fail without a negation: ${failing.join("; ")}`)

const unnoticed = chosen.filter((branch) => {
  const isNoticed = bench.withTexts(new Map([[branch.path, branch.negated]]), () =>
    testFolders(branch.path).some((folder) => hasFailed(bench.run([folder], { isBrief: true }))),
  )
  console.log(`${isNoticed ? "noticed  " : "UNNOTICED"} ${branch.path}:${branch.line} ${branch.ids.join(", ")}`)
  return !isNoticed
})

console.log(`${chosen.length} negated, ${chosen.length - unnoticed.length} noticed`)
for (const { path, line, condition, ids } of unnoticed) {
  console.error(
    `${path}:${line} no test notices when this is turned round: ${condition.replaceAll(/\s+/g, " ")} (${ids.join(", ")})`,
  )
}
process.exitCode = unnoticed.length === 0 ? 0 : 1

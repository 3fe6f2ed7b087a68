/**
 * `npm run negate -- --count 30 --seed 1`: turns annotated branches round, one at a time, and names those nobody noticed.
 *
 * An annotation says that a branch enforces a clause. If no test that names the clause fails when the branch does the
 * opposite, the clause is kept by luck. `--under src/provider/features` takes all branches below a path, or one by
 * `path:line`; `--count` so many of them at random. Works on a copy of the tree: first the tests that name a clause of the
 * branch are asked, then those that mirror the file and those over HTTP, whose notice is a lesser one and is said.
 */
import { parseArgs } from "node:util"
import { hasFailed, openWorkbench, type Assertion } from "../../properties/mutants/Workbench.ts"
import { branchesOf, type Branch } from "./Negation.ts"
import { sourceTexts } from "./Sources.ts"
import { namedTests, titlePattern, type NamedTest } from "./Tests.ts"

const { values: flags } = parseArgs({
  options: {
    count: { type: "string" },
    seed: { type: "string", default: "1" },
    under: { type: "string", multiple: true },
  },
})
const seed = Number(flags.seed)
/** All below the paths that are named; else so many that it ends within minutes. */
const count = Number(flags.count ?? (flags.under === undefined ? 30 : Infinity))
if (!Number.isInteger(seed) || !(count >= 1)) throw new Error("give --count and --seed as whole numbers")

/** The folders of tests to ask where nothing else noticed, one after the other. */
const testFolders = (path: string): readonly string[] => {
  const [, folder = ""] = path.split("/")
  return [...new Set([`test/${folder}/`, "test/http/", "test/contract/", "test/provider/"])]
}

const named = namedTests(sourceTexts("test", "properties")).tests
const elsewhere = /^test\/(?:live|law|peers|browser|conformance)\//

const naming = ({ ids }: Branch): readonly NamedTest[] =>
  named.filter((test) => test.ids.some((id) => ids.includes(id)))

/** The test files in process that run a test which names a clause of the branch. */
const filesNaming = (branch: Branch): readonly string[] => [
  ...new Set(naming(branch).flatMap(({ runIn }) => runIn.filter((path) => !elsewhere.test(path)))),
]

/** Whether one of the tests that failed names a clause of the branch, or stands in a group that does. */
const isNoticedByName = (branch: Branch, assertions: readonly Assertion[] | undefined): boolean =>
  assertions === undefined ||
  assertions.some(
    ({ file, fullName, ancestorTitles, title, status }) =>
      status === "failed" &&
      (fullName === "" ||
        naming(branch).some(
          (test) =>
            test.runIn.includes(file) && [...ancestorTitles, title].some((one) => titlePattern(test.title).test(one)),
        )),
  )

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
  const below = branches.filter(
    ({ path, line }) => flags.under?.some((start) => `${path}:${line}`.startsWith(start)) ?? true,
  )
  if (count >= below.length) return below
  const random = randomFrom(seed)
  const drawn = below.map((branch) => ({ branch, lot: random() })).toSorted((left, right) => left.lot - right.lot)
  return drawn.slice(0, count).map(({ branch }) => branch)
}

const { branches, unconditionalCount } = branchesOf(sourceTexts("src"))
const chosen = picked(branches)
if (chosen.length === 0) throw new Error(`there is no annotated branch below ${flags.under?.join(" or ")}`)
console.log(
  `${branches.length} annotated branches, of which ${chosen.length} are turned round; ${unconditionalCount} annotated places have no condition and are left out; seed ${seed}`,
)

using bench = openWorkbench()
// The tests must pass unbroken, or no failure would prove anything.
const unbroken = bench.run([...new Set(chosen.flatMap(filesNaming))], { limitMillis: 600_000 })
if (unbroken === undefined || unbroken.length === 0) throw new Error("no test ran over the unbroken tree")
const failing = unbroken.filter(({ status }) => status === "failed").map(({ fullName }) => fullName)
if (failing.length > 0) throw new Error(`these tests fail without a negation: ${failing.join("; ")}`)

type Notice = "by name" | "by another" | "by nobody"

const noticeOf = (branch: Branch): Notice =>
  bench.withTexts(new Map([[branch.path, branch.negated]]), () => {
    const files = filesNaming(branch)
    if (files.length > 0 && isNoticedByName(branch, bench.run(files))) return "by name"
    const isNoticed = testFolders(branch.path).some((folder) => hasFailed(bench.run([folder], { isBrief: true })))
    return isNoticed ? "by another" : "by nobody"
  })

const noticed = chosen.map((branch) => {
  const notice = noticeOf(branch)
  console.log(`noticed ${notice.padEnd(10)} ${branch.path}:${branch.line} ${branch.ids.join(", ")}`)
  return { branch, notice }
})

const countOf = (wanted: Notice): number => noticed.filter(({ notice }) => notice === wanted).length
console.log(
  `${chosen.length} negated: ${countOf("by name")} noticed by a test that names a clause, ${countOf("by another")} by another alone, ${countOf("by nobody")} by none`,
)
for (const { branch, notice } of noticed.filter((one) => one.notice !== "by name")) {
  const who = notice === "by nobody" ? "no test notices" : "no test that names a clause of it notices"
  const { path, line, condition, ids } = branch
  console.error(
    `${path}:${line} ${who} when this is turned round: ${condition.replaceAll(/\s+/g, " ")} (${ids.join(", ")})`,
  )
}
process.exitCode = countOf("by nobody") === 0 ? 0 : 1

/**
 * `npm run negate -- --sample 30 --seed 1`: turns annotated branches round, one at a time, and names those nobody noticed.
 *
 * An annotation says that a branch enforces a clause. If no test that names the clause fails when the branch does the
 * opposite, the clause is kept by luck. Works on a copy of the tree, and runs the tests that name a clause of the branch
 * alone; `--others` also asks those that mirror the file and those over HTTP, whose notice is a lesser one and is said.
 */
import { parseArgs } from "node:util"
import { hasFailed, openWorkbench, type Assertion } from "../../properties/mutants/Workbench.ts"
import { branchesOf, type Branch } from "./Negation.ts"
import { sourceTexts } from "./Sources.ts"
import { longestLiteral, namedTests, titlePattern, type NamedTest } from "./Tests.ts"

const USAGE = `npm run negate -- [options]: turns annotated branches round, and says which no test notices that names a clause of them

  --under PATH[:LINE]  only the branches below a path, or one of them; may be given several times
  --sample COUNT       so many of them, drawn by the seed; without it, all
  --seed NUMBER        what is drawn; without it another seed each time, which is printed
  --others             where no test that names a clause notices, ask the others of the folder and those over HTTP
  --help               this text

Ends with 1 if there is a branch that no test which names a clause of it notices.`

const { values: flags } = parseArgs({
  options: {
    sample: { type: "string" },
    seed: { type: "string" },
    under: { type: "string", multiple: true },
    others: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
})
if (flags.help) {
  console.log(USAGE)
  process.exit(0)
}
const seed = Number(flags.seed ?? Math.floor(Math.random() * 1_000_000))
const sampleCount = Number(flags.sample ?? Infinity)
if (!Number.isInteger(seed) || !(sampleCount >= 1)) throw new Error("give --sample and --seed as whole numbers")

/** The folders of tests to ask where nothing else noticed, one after the other. */
const testFolders = (path: string): readonly string[] => {
  const [, folder = ""] = path.split("/")
  return [...new Set([`test/${folder}/`, "test/http/", "test/contract/", "test/provider/"])]
}

const named = namedTests(sourceTexts("test", "properties")).tests
const elsewhere = /^test\/(?:live|law|peers|browser|conformance)\//

const naming = ({ ids }: Branch): readonly NamedTest[] =>
  named.filter((test) => test.ids.some((id) => ids.includes(id)))

/** The test files in process that run a test which names a clause of one of the branches, and what to look for in titles. */
const testsNaming = (branches: readonly Branch[]) => {
  const tests = branches
    .flatMap(naming)
    .map(({ title, runIn }) => ({ title, files: runIn.filter((path) => !elsewhere.test(path)) }))
    .filter(({ files }) => files.length > 0)
  return {
    files: [...new Set(tests.flatMap(({ files }) => files))],
    titles: [...new Set(tests.map(({ title }) => longestLiteral(title)))],
  }
}

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
  if (sampleCount >= below.length) return below
  const random = randomFrom(seed)
  const drawn = below.map((branch) => ({ branch, lot: random() })).toSorted((left, right) => left.lot - right.lot)
  return drawn.slice(0, sampleCount).map(({ branch }) => branch)
}

const { branches, unconditionalCount } = branchesOf(sourceTexts("src"))
const chosen = picked(branches)
if (chosen.length === 0) throw new Error(`there is no annotated branch below ${flags.under?.join(" or ")}`)
console.log(
  `${branches.length} annotated branches, of which ${chosen.length} are turned round; ${unconditionalCount} annotated places have no condition and are left out; seed ${seed}`,
)

using bench = openWorkbench()
// The tests must pass unbroken, or no failure would prove anything.
const { files: asked, titles: askedTitles } = testsNaming(chosen)
const unbroken = bench.run(asked, { titles: askedTitles, limitMillis: 600_000 })
if (unbroken === undefined || unbroken.length === 0) throw new Error("no test ran over the unbroken tree")
const failing = unbroken.filter(({ status }) => status === "failed").map(({ fullName }) => fullName)
if (failing.length > 0) throw new Error(`these tests fail without a negation: ${failing.join("; ")}`)

type Notice = "by name" | "by another" | "by nobody"

const noticeOf = (branch: Branch): Notice =>
  bench.withTexts(new Map([[branch.path, branch.negated]]), () => {
    const { files, titles } = testsNaming([branch])
    if (files.length > 0 && isNoticedByName(branch, bench.run(files, { titles, isBrief: true }))) return "by name"
    const isNoticed =
      flags.others && testFolders(branch.path).some((folder) => hasFailed(bench.run([folder], { isBrief: true })))
    return isNoticed ? "by another" : "by nobody"
  })

const noticed = chosen.map((branch) => {
  const notice = noticeOf(branch)
  console.log(`noticed ${notice.padEnd(10)} ${branch.path}:${branch.line} ${branch.ids.join(", ")}`)
  return { branch, notice }
})

const countOf = (wanted: Notice): number => noticed.filter(({ notice }) => notice === wanted).length
const byName = countOf("by name")
const byAnother = flags.others ? `, ${countOf("by another")} by another alone, ${countOf("by nobody")} by none` : ""
console.log(`${chosen.length} negated: ${byName} noticed by a test that names a clause${byAnother}; seed ${seed}`)
for (const { branch } of noticed.filter(({ notice }) => notice !== "by name")) {
  const { path, line, condition, ids } = branch
  console.error(
    `${path}:${line} no test that names a clause of it notices when this is turned round: ${condition.replaceAll(/\s+/g, " ")} (${ids.join(", ")})`,
  )
}
process.exitCode = byName === chosen.length ? 0 : 1

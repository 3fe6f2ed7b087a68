/**
 * `npm run mutants`: makes each mutant in a copy of the tree, runs the tests that must notice it, and names survivors.
 *
 * `-- B3 B12` tries only those. Exit code 1 when one survives or an edit no longer fits. The tree itself is never touched.
 */
import { contractMutants } from "./Contract.ts"
import { applyEdit, type Mutant } from "./Mutant.ts"
import { storeMutants } from "./Store.ts"
import { wireMutants } from "./Wire.ts"
import { hasFailed, openWorkbench } from "./Workbench.ts"

const only = process.argv.slice(2)
const mutants = [...contractMutants, ...storeMutants, ...wireMutants].filter(
  ({ offends }) => only.length === 0 || only.includes(offends),
)

using bench = openWorkbench()

const attempt = (mutant: Mutant): string | undefined => {
  try {
    const texts = new Map<string, string>()
    for (const edit of mutant.edits)
      texts.set(edit.file, applyEdit(texts.get(edit.file) ?? bench.read(edit.file), edit))
    const assertions = bench.withTexts(texts, () => bench.run(mutant.tests, { title: mutant.title }))
    return hasFailed(assertions) ? undefined : "survived"
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause)
  }
}

// The tests must be there and pass unbroken, or no kill would prove anything.
const unbroken = bench.run([...new Set(mutants.flatMap((mutant) => mutant.tests))]) ?? []
const faults = mutants.flatMap(({ offends, title }) => {
  const own = unbroken.filter(({ fullName }) => fullName.includes(title))
  if (own.length === 0) return [`${offends}: no test has the title ${title}`]
  return hasFailed(own) ? [`${offends}: its tests fail without the mutant`] : []
})

for (const mutant of faults.length === 0 ? mutants : []) {
  const fault = attempt(mutant)
  console.log(`${fault === undefined ? "killed  " : "ALIVE   "} ${mutant.offends.padEnd(24)} ${mutant.name}`)
  if (fault !== undefined) faults.push(`${mutant.offends}: ${mutant.name}: ${fault}`)
}

console.log(`${mutants.length} mutants, ${Math.max(0, mutants.length - faults.length)} killed`)
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1

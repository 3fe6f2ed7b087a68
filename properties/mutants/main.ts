/**
 * `npm run mutants`: makes each mutant in a copy of the tree, runs the tests that must notice it, and names survivors.
 *
 * `-- B3 rotation ExpiryIsExact` tries only those with such a place, promise or part of a name. Exit code 1 when one
 * survives, breaks another promise than it should, or no longer fits the source. The tree itself is never touched.
 */
import { parseArgs } from "node:util"
import { applyEdit, type Mutant } from "./Mutant.ts"
import { mutants as all } from "./Mutants.ts"
import { tellKill, verdictOn, type Verdict } from "./Verdict.ts"
import { openWorkbench } from "./Workbench.ts"

const UNBROKEN_LIMIT_MILLIS = 300_000

const usage = `npm run mutants -- [--json] [<place, promise or part of a name> …]

makes each of the named faults in a copy of the tree and runs the tests that must notice it

  --json   print the verdicts as JSON instead of lines
  --help   this text`

const { values: flags, positionals: wanted } = parseArgs({
  options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  allowPositionals: true,
})

const isWanted = ({ offends, promise, name }: Mutant): boolean =>
  wanted.length === 0 || wanted.some((part) => offends === part || promise === part || name.includes(part))

const seconds = (millis: number): string => `${Math.round(millis / 1000)} s`

const tell = (mutant: Mutant, { kills, fault }: Verdict): string =>
  [
    fault === undefined ? "killed" : "ALIVE ",
    mutant.offends.padEnd(14),
    `${mutant.name} [${mutant.promise ?? "no promise"}]`,
    kills.length === 0 ? "" : `: ${[...new Set(kills.map(tellKill))].join("; ")}`,
    fault === undefined ? "" : ` — ${fault}`,
  ].join(" ")

const run = (mutants: ReadonlyArray<Mutant>): number => {
  using bench = openWorkbench()

  const attempt = (mutant: Mutant): Verdict => {
    try {
      const texts = new Map<string, string>()
      for (const edit of mutant.edits)
        texts.set(edit.file, applyEdit(texts.get(edit.file) ?? bench.read(edit.file), edit))
      return verdictOn(
        mutant,
        bench.withTexts(texts, () => bench.run(mutant.tests, { titles: mutant.titles })),
      )
    } catch (cause) {
      return { kills: [], fault: cause instanceof Error ? cause.message : String(cause) }
    }
  }

  // The tests must be there and pass unbroken, or no kill would prove anything.
  console.error(`the tests that must notice ${mutants.length} mutants, over the unbroken tree`)
  const faults = [...Map.groupBy(mutants, ({ tests }) => tests.join(" "))].flatMap(([files, alike]) => {
    const titles = [...new Set(alike.flatMap((mutant) => mutant.titles))]
    const unbroken = bench.run(alike[0]!.tests, { titles, limitMillis: UNBROKEN_LIMIT_MILLIS })
    if (unbroken === undefined) {
      return [`${files} told nothing in ${seconds(UNBROKEN_LIMIT_MILLIS)}: try again when the machine is less busy`]
    }
    return titles.flatMap((title) => {
      const own = unbroken.filter(({ fullName, status }) => fullName.includes(title) && status !== "skipped")
      if (own.length === 0) return [`no test of ${files} has the title ${title}`]
      return own.every(({ status }) => status === "passed") ? [] : [`a test fails without any mutant: ${title}`]
    })
  })

  const started = performance.now()
  const verdicts = (faults.length === 0 ? mutants : []).map((mutant, index) => {
    const verdict = attempt(mutant)
    const left = ((performance.now() - started) / (index + 1)) * (mutants.length - index - 1)
    if (!flags.json) console.log(tell(mutant, verdict))
    console.error(`${index + 1}/${mutants.length}, about ${seconds(left)} left`)
    if (verdict.fault !== undefined) faults.push(`${mutant.offends}: ${mutant.name}: ${verdict.fault}`)
    return { ...mutant, ...verdict }
  })

  if (flags.json) console.log(JSON.stringify(verdicts, null, 2))
  else console.log(`${verdicts.length} mutants, ${verdicts.filter(({ fault }) => fault === undefined).length} killed`)
  for (const fault of faults) console.error(fault)
  return faults.length === 0 ? 0 : 1
}

const chosen = all.filter(isWanted)
if (flags.help) console.log(usage)
else if (chosen.length === 0) {
  console.error(`no mutant has a place, promise or name like \`${wanted.join(" ")}\`: see properties/mutants`)
  process.exitCode = 2
} else process.exitCode = run(chosen)

/**
 * `npm run explore`: every scope as far as a quick search goes; `-- --deep` as far as there is anything to find.
 *
 * Exit code 0 when everything was kept, 1 when something is broken, was never met, or is not as it was, 2 for a wrong
 * way to call it.
 */
import { parseArgs } from "node:util"
import { commandTypes, eventTypes, refusalReasons } from "../../src/core/index.ts"
import { promises } from "../invariants/index.ts"
import type { Exploration, Progress } from "./Explore.ts"
import { recordSearch } from "./Record.ts"
import { scopes } from "./Scopes.ts"
import { search, type SearchResult } from "./Search.ts"

const HELP = `usage: node properties/explore/main.ts [--deep] [--scope NAME]... [--json]

  --deep        search as far as there is anything to find: minutes, a million states and more
  --scope NAME  only this scope, several times for several:
                ${scopes.map(({ name }) => `"${name}"`).join(", ")}
  --json        print JSON, for programs
  --help        print this`

const options = {
  deep: { type: "boolean", default: false },
  scope: { type: "string", multiple: true },
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const

const asked = () => {
  try {
    const { values } = parseArgs({ options, allowPositionals: false })
    const unknown = values.scope?.find((name) => !scopes.some((scope) => scope.name === name))
    if (unknown === undefined) return values
    console.error(`there is no scope \`${unknown}\`; --help names those there are`)
  } catch (cause) {
    console.error(`${cause instanceof Error ? cause.message : String(cause)}; --help shows what can be asked`)
  }
  return undefined
}

const grouped = (count: number): string => count.toLocaleString("en")

const bound = ({ failure, stoppedBy, depth }: Exploration): string => {
  if (failure !== undefined) return "broken"
  return stoppedBy === null ? "complete" : stoppedBy === "depth" ? `bounded: depth ${depth}` : "bounded: states"
}

const row = (cells: ReadonlyArray<string>): string =>
  cells
    .map((cell, index) => (index === 0 || index === 4 ? cell.padEnd(index === 0 ? 14 : 18) : cell.padStart(14)))
    .join("  ")

const tell = ({ scope, triedCount, uniqueStates, depth, seconds }: Progress): string =>
  row([
    scope,
    grouped(triedCount),
    grouped(uniqueStates),
    `${depth}`,
    `${grouped(Math.round(uniqueStates / seconds))} unique/s`,
  ])

const told = (explorations: ReadonlyArray<Exploration>): string =>
  [
    row(["scope", "states tried", "unique", "depth", "search", "seconds"]),
    ...explorations.map((one) =>
      row([
        one.scope,
        grouped(one.triedCount),
        grouped(one.uniqueStates),
        `${one.depth}`,
        bound(one),
        one.seconds.toFixed(1),
      ]),
    ),
  ].join("\n")

const totals = ({ explorations, coverage }: SearchResult) => {
  const sum = (of: (one: Exploration) => number) => explorations.reduce((all, one) => all + of(one), 0)
  const staked = [...coverage.atStake.values()]
  return {
    triedCount: sum((one) => one.triedCount),
    uniqueStates: sum((one) => one.uniqueStates),
    seconds: sum((one) => one.seconds),
    commands: `${coverage.commands.size} of ${commandTypes.length}`,
    events: `${coverage.events.size} of ${eventTypes.length}`,
    refusals: `${coverage.refusals.size} of ${refusalReasons.length}`,
    promisesAtStake: `${staked.filter(({ count }) => count > 0).length} of ${staked.length}`,
  }
}

const print = (result: SearchResult, isJson: boolean): void => {
  const { explorations, coverage, story, complaints } = result
  if (isJson) {
    const told = explorations.map(({ coverage: _, failure, ...one }) => ({ ...one, operations: failure?.operations }))
    const json = { ...totals(result), explorations: told, coverage, story, complaints }
    console.log(
      JSON.stringify(json, (_, value: unknown) => (value instanceof Map ? Object.fromEntries(value) : value), 2),
    )
    return
  }
  const { triedCount, uniqueStates, commands, events, refusals, promisesAtStake } = totals(result)
  console.log(told(explorations))
  console.log(`${grouped(triedCount)} states tried, ${grouped(uniqueStates)} unique`)
  console.log(`met: commands ${commands}, events ${events}, refusals ${refusals}, promises at stake ${promisesAtStake}`)
  if (story !== undefined) console.log(`\n${story}`)
  for (const complaint of complaints) console.error(complaint)
}

const values = asked()
if (values === undefined) process.exitCode = 2
else if (values.help) console.log(HELP)
else {
  const result = search(promises, {
    reach: values.deep ? "deep" : "quick",
    ...(values.scope === undefined ? {} : { only: values.scope }),
    onProgress: (progress) => console.error(tell(progress)),
    onExplored: (exploration) => console.error(tell(exploration)),
  })
  print(result, values.json)
  // A part of the scopes says too little of a promise to be kept as what was tried.
  if (values.scope === undefined) recordSearch(promises, result)
  process.exitCode = result.story === undefined && result.complaints.length === 0 ? 0 : 1
}

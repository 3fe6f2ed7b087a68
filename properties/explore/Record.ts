/** What a search of all scopes came to, for the report (`../Run.ts`). */
import { commandTypes, eventTypes, refusalReasons } from "../../src/core/index.ts"
import type { Invariant } from "../invariants/Invariant.ts"
import { recordRun, type EngineRun } from "../Run.ts"
import { scopes } from "./Scopes.ts"
import type { SearchResult } from "./Search.ts"

/** What no search of this kind can find, however deep. */
const BEYOND = [
  "two calls at the same time; a command is decided and applied before the next one",
  "storage, HTTP, and secrets as bytes; it walks through decide and evolve alone",
]

export const runOf = (promises: ReadonlyArray<Invariant>, result: SearchResult): EngineRun => {
  const { explorations, coverage } = result
  const broken = new Set(
    explorations.flatMap(({ failure }) => failure?.fault.broken.map(({ promise }) => promise.name)),
  )
  const sum = (of: "triedCount" | "uniqueStates") => explorations.reduce((all, one) => all + one[of], 0)
  return {
    engine: "explore",
    promises: Object.fromEntries(
      [...coverage.atStake].map(([name, { count }]) => [
        name,
        { tries: count, verdict: broken.has(name) ? "broken" : "kept" },
      ]),
    ),
    numbers: {
      scopes: explorations.length,
      "scopes searched to the end": explorations.filter((one) => isComplete(one)).length,
      "states tried": sum("triedCount"),
      "unique states": sum("uniqueStates"),
      "commands met": coverage.commands.size,
      "commands that there are": commandTypes.length,
      "events met": coverage.events.size,
      "events that there are": eventTypes.length,
      "refusals met": coverage.refusals.size,
      "refusals that there are": refusalReasons.length,
    },
    notTried: [
      ...explorations
        .filter((one) => !isComplete(one))
        .map(({ scope, depth }) => `more than ${depth} operations in the scope \`${scope}\`: ${purposeOf(scope)}`),
      ...promises
        .filter(({ name }) => !coverage.atStake.has(name))
        .map(({ name }) => `${name}, which is about what a store holds`),
      ...BEYOND,
    ],
  }
}

const isComplete = ({ stoppedBy, failure }: SearchResult["explorations"][number]): boolean =>
  stoppedBy === null && failure === undefined

const purposeOf = (name: string): string => scopes.find((scope) => scope.name === name)?.purpose ?? name

export const recordSearch = (promises: ReadonlyArray<Invariant>, result: SearchResult): void =>
  recordRun("explore", runOf(promises, result))

/**
 * What a search came across: which commands, events and refusals, and which promises were ever at stake.
 *
 * What was never met was not tried, whatever the number of states; so that is a failure of the search.
 */
import { commandTypes, eventTypes, refusalReasons } from "../../src/core/index.ts"
import type { Edge } from "./Product.ts"

/** How often something was met. */
interface Counter {
  count: number
}
type Counters = Map<string, Counter>

export interface Coverage {
  triedCount: number
  readonly commands: Counters
  readonly events: Counters
  readonly refusals: Counters
  /** By the name of a promise, how often it could have been broken. */
  readonly atStake: Counters
}

export const newCoverage = (): Coverage => ({
  triedCount: 0,
  commands: new Map(),
  events: new Map(),
  refusals: new Map(),
  atStake: new Map(),
})

export const counterOf = (counters: Counters, name: string): Counter => {
  const known = counters.get(name)
  if (known !== undefined) return known
  const counter = { count: 0 }
  counters.set(name, counter)
  return counter
}

export const cover = (coverage: Coverage, { move: { decided } }: Edge): void => {
  coverage.triedCount++
  if (decided === undefined) return
  const { command, decision } = decided
  counterOf(coverage.commands, command._tag).count++
  for (const event of decision.events) counterOf(coverage.events, event._tag).count++
  if (decision.reply._tag === "Refused") counterOf(coverage.refusals, decision.reply.reason).count++
}

/** What all of several searches came across. */
export const together = (coverages: ReadonlyArray<Coverage>): Coverage => {
  const all = newCoverage()
  for (const coverage of coverages) {
    all.triedCount += coverage.triedCount
    for (const kind of ["commands", "events", "refusals", "atStake"] as const) {
      for (const [name, { count }] of coverage[kind]) counterOf(all[kind], name).count += count
    }
  }
  return all
}

/**
 * Refusals that no client of the model can get, which never asks who somebody is (OpenID Connect). Rules of the decider
 * try each of them (`test/core/decide`).
 */
const beyondTheModel = new Set<string>([
  "client-policy-not-operators",
  "client-logout-uri-bad",
  "challenge-missing",
  "client-logout-uri-bad",
  "nonce-missing",
])

/** What exists and was never met, in words. */
export const missing = ({ commands, events, refusals, atStake }: Coverage): ReadonlyArray<string> => {
  const never = (kind: string, names: Iterable<string>, counters: Counters) =>
    [...names].filter((name) => (counters.get(name)?.count ?? 0) === 0).map((name) => `${kind} ${name}`)
  return [
    ...never("command", commandTypes, commands),
    ...never("event", eventTypes, events),
    ...never(
      "refusal",
      refusalReasons.filter((reason) => !beyondTheModel.has(reason)),
      refusals,
    ),
    ...never("promise", atStake.keys(), atStake),
  ]
}

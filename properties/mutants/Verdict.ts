/** What came of a mutant: which promises were told of as broken, by which engine, and in how many commands. */
import { basename } from "node:path"
import type { Mutant } from "./Mutant.ts"
import type { Assertion } from "./Workbench.ts"

/** The longest counterexample that a stranger is asked to read. */
export const MAX_COMMANDS = 6

/** One test that failed. */
export interface Kill {
  readonly engine: string
  readonly promises: ReadonlyArray<string>
  /** Numbered commands of its counterexample; absent when it tells none. */
  readonly commandCount?: number
}

export interface Verdict {
  readonly kills: ReadonlyArray<Kill>
  /** Why it counts as not noticed, or not well enough. */
  readonly fault?: string
}

const engineOf = (file: string): string => basename(file, ".test.ts").toLowerCase()

/** A story numbers its calls from 1 on: `   2  client 0 redeems code 0`. Time that passes is no command. */
const COMMAND = /^ {1,4}(\d+) {2}(?!\d+(?:\.\d+)? s pass$)\S/gm
const PROMISE = /\b([A-Z][A-Za-z]+) is broken: /g

const killOf = ({ file, failureMessages }: Assertion): Kill => {
  const told = failureMessages.join("\n")
  const commands = new Set([...told.matchAll(COMMAND)].map(([, number]) => number))
  return {
    engine: engineOf(file),
    promises: [...new Set([...told.matchAll(PROMISE)].map(([, name]) => name!))],
    ...(commands.size === 0 ? {} : { commandCount: commands.size }),
  }
}

const faultOf = (
  { promise, commandsNeeded = MAX_COMMANDS }: Mutant,
  kills: ReadonlyArray<Kill>,
): string | undefined => {
  if (kills.length === 0) return "survived"
  if (promise !== undefined && !kills.some(({ promises }) => promises.includes(promise))) {
    return `noticed, but ${promise} is not told of as broken`
  }
  const longest = Math.max(...kills.map(({ commandCount = 0 }) => commandCount))
  return longest > commandsNeeded ? `its counterexample has ${longest} commands` : undefined
}

/** Judges what the tests of `mutant` said; a run that told nothing, as on a busy machine, proves nothing. */
export const verdictOn = (mutant: Mutant, assertions: ReadonlyArray<Assertion> | undefined): Verdict => {
  if (assertions === undefined) return { kills: [], fault: "its tests told nothing in time" }
  const kills = assertions.filter(({ status }) => status === "failed").map(killOf)
  const fault = faultOf(mutant, kills)
  return { kills, ...(fault === undefined ? {} : { fault }) }
}

export const tellKill = ({ engine, promises, commandCount }: Kill): string =>
  [engine, ...promises, ...(commandCount === undefined ? [] : [`in ${commandCount}`])].join(" ")

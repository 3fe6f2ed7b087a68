/**
 * What a run of an engine came to, kept for the report: `.last-run/<engine>.json` at the top of the checkout.
 *
 * Git ignores the folder: numbers of a run are generated, never typed. It judges nothing and keeps only the latest run.
 */
import { mkdirSync, writeFileSync } from "node:fs"

export interface EngineRun {
  readonly engine: string
  /** By the promise's name: how often it could have been broken, and whether it was. */
  readonly promises: Readonly<Record<string, { readonly tries: number; readonly verdict: "kept" | "broken" }>>
  /** What was done how often, by name: sequences, operations, states. */
  readonly numbers: Readonly<Record<string, number>>
  /** What this engine did not try, a sentence each. */
  readonly notTried: ReadonlyArray<string>
}

const FOLDER = new URL("../.last-run/", import.meta.url)

/** `engine` names the file: letters, digits and hyphens. */
export const recordRun = (engine: string, run: EngineRun): void => {
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(new URL(`${engine}.json`, FOLDER), `${JSON.stringify(run, null, 2)}\n`)
}

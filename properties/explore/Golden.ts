/**
 * How many states there are: a machine that has more or fewer of them than it had is another machine.
 *
 * The counts change with the rules, the scopes and the key, and with nothing else; who changes one of those says so
 * here. `npm run explore` prints the line that it found.
 */
import type { Exploration } from "./Explore.ts"

export type Reach = "quick" | "deep"

type Count = Pick<Exploration, "uniqueStates" | "depth" | "stoppedBy">

/** By the name of a scope. */
export const golden: Readonly<Record<Reach, Readonly<Record<string, Count>>>> = {
  quick: {
    "one grant": { uniqueStates: 11721, depth: 19, stoppedBy: null },
    proofs: { uniqueStates: 2166, depth: 14, stoppedBy: null },
    narrowing: { uniqueStates: 1024, depth: 6, stoppedBy: null },
    "several resources": { uniqueStates: 36, depth: 6, stoppedBy: null },
    "one resource": { uniqueStates: 15, depth: 6, stoppedBy: null },
    retries: { uniqueStates: 3449, depth: 6, stoppedBy: "depth" },
    clients: { uniqueStates: 3791, depth: 12, stoppedBy: null },
    documents: { uniqueStates: 1212, depth: 11, stoppedBy: null },
    subjects: { uniqueStates: 5742, depth: 11, stoppedBy: null },
    exchanges: { uniqueStates: 4884, depth: 4, stoppedBy: "depth" },
    chains: { uniqueStates: 1935, depth: 3, stoppedBy: "depth" },
    "strangers to exchange": { uniqueStates: 1149, depth: 5, stoppedBy: "depth" },
    "device codes": { uniqueStates: 396, depth: 9, stoppedBy: null },
    keys: { uniqueStates: 180, depth: 8, stoppedBy: null },
    secrets: { uniqueStates: 1241, depth: 12, stoppedBy: null },
    details: { uniqueStates: 278, depth: 5, stoppedBy: null },
    limits: { uniqueStates: 485, depth: 4, stoppedBy: "depth" },
    "no window": { uniqueStates: 1048, depth: 14, stoppedBy: null },
    "lost key": { uniqueStates: 81, depth: 9, stoppedBy: null },
    "three grants": { uniqueStates: 2981, depth: 6, stoppedBy: "depth" },
  },
  deep: {
    "one grant": { uniqueStates: 11721, depth: 19, stoppedBy: null },
    proofs: { uniqueStates: 2166, depth: 14, stoppedBy: null },
    narrowing: { uniqueStates: 1024, depth: 6, stoppedBy: null },
    "several resources": { uniqueStates: 36, depth: 6, stoppedBy: null },
    "one resource": { uniqueStates: 15, depth: 6, stoppedBy: null },
    retries: { uniqueStates: 522375, depth: 24, stoppedBy: null },
    clients: { uniqueStates: 3791, depth: 12, stoppedBy: null },
    documents: { uniqueStates: 1212, depth: 11, stoppedBy: null },
    subjects: { uniqueStates: 5742, depth: 11, stoppedBy: null },
    exchanges: { uniqueStates: 16370, depth: 5, stoppedBy: "depth" },
    chains: { uniqueStates: 20878, depth: 4, stoppedBy: "depth" },
    "strangers to exchange": { uniqueStates: 8789, depth: 7, stoppedBy: "depth" },
    "device codes": { uniqueStates: 396, depth: 9, stoppedBy: null },
    keys: { uniqueStates: 180, depth: 8, stoppedBy: null },
    secrets: { uniqueStates: 1241, depth: 12, stoppedBy: null },
    details: { uniqueStates: 278, depth: 5, stoppedBy: null },
    limits: { uniqueStates: 131675, depth: 10, stoppedBy: "depth" },
    "no window": { uniqueStates: 1048, depth: 14, stoppedBy: null },
    "lost key": { uniqueStates: 81, depth: 9, stoppedBy: null },
    "three grants": { uniqueStates: 830755, depth: 11, stoppedBy: "depth" },
  },
}

/** What is not as it was, in words; nothing when it is. */
export const deviation = (reach: Reach, { scope, uniqueStates, depth, stoppedBy }: Exploration): string | undefined => {
  const found: Count = { uniqueStates, depth, stoppedBy }
  const known = golden[reach][scope]
  return JSON.stringify(known) === JSON.stringify(found)
    ? undefined
    : `\`${scope}\` has other states than it had; if that is meant, write into Golden.ts, ${reach}: "${scope}": ${JSON.stringify(found)},`
}

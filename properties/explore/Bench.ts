/** How fast a search is: for `npm run bench`. Everything is checked as always; nothing passes or fails. */
import { promises } from "../invariants/index.ts"
import { explore } from "./Explore.ts"
import { scopes } from "./Scopes.ts"

const STATES = 100_000

/** Seconds of one core, those of the garbage collector among them. */
export const measureExplore = (): { readonly uniqueStates: number; readonly seconds: number } => {
  const scope = scopes.find(({ name }) => name === "three grants")!
  const before = process.cpuUsage()
  const { uniqueStates } = explore(scope, promises, { limit: { depth: Infinity, uniqueStates: STATES } })
  const { user, system } = process.cpuUsage(before)
  return { uniqueStates, seconds: (user + system) / 1e6 }
}

/**
 * What the kit says, and what a provider understands: scopes and resources under the names that are known there.
 *
 * The model and every draft speak of `read`, `write` and `admin` and of two resources; a provider may have others.
 */
import { policy } from "../../Opening.ts"

export interface Words {
  readonly theirs: (ours: string) => string
  /** What the kit asked for in its own spelling; what it did not ask for keeps its name. */
  readonly ours: (theirs: string) => string
}

/** The same URI, whether or not a slash was added to a bare host. */
const spelledAlike = (left: string, right: string): boolean =>
  left === right || (URL.canParse(left) && URL.canParse(right) && new URL(left).href === new URL(right).href)

const resourcesOfKit = policy.resources ?? []

/** What a provider has fewer of than the kit has names for is asked for as it is, and refused or not. */
export const wordsFor = (scopes: ReadonlyArray<string> = [], resources: ReadonlyArray<string> = []): Words => {
  const asked = new Set<string>()
  const pairs = [
    ...scopes.slice(0, policy.scopes.length).map((theirs, index) => [policy.scopes[index]!, theirs] as const),
    ...resources.slice(0, resourcesOfKit.length).map((theirs, index) => [resourcesOfKit[index]!, theirs] as const),
    ...resourcesOfKit.slice(resources.length).map((ours) => [ours, ours] as const),
  ]
  return {
    theirs: (ours) => {
      const known = pairs.find(([one]) => one === ours)?.[1]
      if (known === undefined) asked.add(ours)
      return known ?? ours
    },
    ours: (theirs) =>
      pairs.find(([, one]) => spelledAlike(one, theirs))?.[0] ??
      [...asked].find((one) => spelledAlike(one, theirs)) ??
      theirs,
  }
}

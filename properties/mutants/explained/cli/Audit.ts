/** Why mutants of Stryker in `src/cli/audit` may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const audit: ReadonlyArray<Explanation> = [
  {
    why: "the same: what stands there is no line of a ledger, and nobody's",
    places: [at("audit/Subjects.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: only the first of them is looked at; without a limit more are read than that",
    places: [at("audit/Subjects.ts", "{ limit: 1 }", "{}")],
  },
]

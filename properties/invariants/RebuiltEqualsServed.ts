/** What is answered from is what the log says, to the byte: rows that are lost or doubted are folded anew. */
import type { Invariant } from "./Invariant.ts"

export const RebuiltEqualsServed: Invariant = {
  name: "RebuiltEqualsServed",
  sentence: "Folding the log gives the rows that are served.",
  requirements: [],
  attacks: ["A48"],
  situation: "tokens are handed out, spent or ended, and the rows are folded anew",
  isAtStake: (before) => before.grants.length > 0,
  onStore: ({ rows, rebuiltRows }) => {
    const index = Array.from({ length: Math.max(rows.length, rebuiltRows.length) }).findIndex(
      (_, place) => rows[place] !== rebuiltRows[place],
    )
    return index < 0
      ? undefined
      : `served is ${rows[index] ?? "no row"}, and the log folds to ${rebuiltRows[index] ?? "no row"}`
  },
}

/** Every trial, in the order in which they are told: the most telling first, for somebody may have to sign in for each. */
import { boundTrials } from "./Bounds.ts"
import { codeTrials } from "./Codes.ts"
import { endTrials } from "./Ends.ts"
import { exchangeTrials } from "./Exchanging.ts"
import { refreshTrials } from "./Refreshing.ts"
import { strangerTrials } from "./Strangers.ts"
import type { Trial } from "./Trial.ts"

export const trials: ReadonlyArray<Trial> = [
  ...codeTrials,
  ...refreshTrials,
  ...endTrials,
  ...strangerTrials,
  ...boundTrials,
  ...exchangeTrials,
]

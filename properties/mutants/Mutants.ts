/** Every mutant there is, in the order in which they are tried. */
import { archiveMutants } from "./Archive.ts"
import { contractMutants } from "./Contract.ts"
import { coreMutants } from "./Core.ts"
import { exchangeMutants } from "./Exchanges.ts"
import { featureMutants } from "./Features.ts"
import { logMutants } from "./Log.ts"
import type { Mutant } from "./Mutant.ts"
import { openIdMutants } from "./OpenId.ts"
import { reviewerMutants } from "./Reviewer.ts"
import { saltMutants } from "./Salts.ts"
import { serverMutants } from "./Server.ts"
import { storeMutants } from "./Store.ts"
import { wireMutants } from "./Wire.ts"

export const mutants: ReadonlyArray<Mutant> = [
  ...contractMutants,
  ...storeMutants,
  ...wireMutants,
  ...coreMutants,
  ...exchangeMutants,
  ...logMutants,
  ...serverMutants,
  ...featureMutants,
  ...openIdMutants,
  ...saltMutants,
  ...archiveMutants,
  ...reviewerMutants,
]

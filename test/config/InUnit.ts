/** What the unit tests load otherwise than it is written. */
import { cheapPasswords } from "./CheapPasswords.ts"
import { ownBuckets } from "./OwnBuckets.ts"
import { rewriteWhereLoaded } from "./Rewritten.ts"

rewriteWhereLoaded(cheapPasswords, ownBuckets)

/** What the tests of the browser load otherwise than it is written. */
import { cheapPasswords } from "./CheapPasswords.ts"
import { rewriteWhereLoaded } from "./Rewritten.ts"

rewriteWhereLoaded(cheapPasswords)

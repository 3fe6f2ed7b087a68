/**
 * Receipts: that somebody signed in on the way to this very page, said in its address by the login that led there.
 *
 * A session says who uses a browser; on a host that others listen on, whoever they are has the session's cookie, too.
 * What nobody else gets is the address that a login leads to. A receipt is bound to that address, which holds one
 * request, to the browser and to the person; with another request, browser or session it is nothing.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { digestOf } from "../../provider/index.ts"
import type { Browser } from "../Browser.ts"
import type { Forms } from "../Forms.ts"
import type { WireRequest } from "../../provider/features/Wire.ts"
import type { SignedIn } from "./Login.ts"

/** What a path to return to ends in when its page wants a receipt; the receipt comes behind. */
export const RECEIPT = "&signed-in="

export interface Receipts {
  /** The path to lead to, with a receipt if it wants one. */
  readonly into: (request: WireRequest, signedIn: SignedIn, returnTo: string) => Effect.Effect<string>
  /** Whether the request came by the path that a login of that person led to, with the password that is theirs still. */
  readonly isIn: (request: WireRequest, signedIn: SignedIn) => Effect.Effect<boolean>
}

/** What outlives one session of a person and not a change of the password, which may be known to somebody else. */
export const heldByPerson = ({ subjectId, holder }: SignedIn): string => holder ?? subjectId

export const receiptsOf = (browser: Browser, forms: Forms): Receipts => ({
  into: (request, signedIn, returnTo) =>
    returnTo.endsWith(RECEIPT)
      ? Effect.map(
          forms.issue(
            "receipt",
            { browser: browser.identify(request).browser, session: heldByPerson(signedIn) },
            digestOf(returnTo),
          ),
          (receipt) => returnTo + receipt,
        )
      : Effect.succeed(returnTo),
  isIn: (request, signedIn) => {
    const address = `${request.path}?${request.query}`
    const end = address.lastIndexOf(RECEIPT) + RECEIPT.length
    return Effect.map(
      forms.open<string>("receipt", address.slice(end), request, heldByPerson(signedIn)),
      (receipt) => Result.isSuccess(receipt) && receipt.success === digestOf(address.slice(0, end)),
    )
  },
})

/**
 * Whether the person is there: what a session is worth for a request that is to be approved.
 *
 * On a host of its own a session is enough. On one where anybody's program may listen it is not, for cookies know no
 * port: there a request is approved by who signed in for it, and by nobody else who holds the browser's cookies.
 */
import * as Effect from "effect/Effect"
import type { EpochMillis } from "../core/index.ts"
import { loginContextOf, type Failure } from "../provider/index.ts"
import { isOnSharedHost } from "./Browser.ts"
import type { BrowserFlow } from "./BrowserFlow.ts"
import { RECEIPT, heldByPerson } from "./login/Receipts.ts"
import type { LoginRequest, SignedIn } from "./login/Login.ts"
import { strings } from "./pages/Strings.ts"
import type { WireRequest } from "../provider/features/Wire.ts"

/** Whether each request takes a login of its own; a login that cannot tell answers for its sessions itself. */
const isAskedForEach = ({ server, login }: BrowserFlow): boolean =>
  login.isSignedInFor !== undefined && isOnSharedHost(server.settings.issuer)

/** Whether who is signed in may answer the page that is asked for. */
export const isPresent = (
  flow: BrowserFlow,
  request: WireRequest,
  signedIn: SignedIn,
): Effect.Effect<boolean, Failure> =>
  isAskedForEach(flow) ? flow.login.isSignedInFor!(request, signedIn) : Effect.succeed(true)

/** What a login is asked for: to lead to that page, in a way that it can tell. */
export const loginFor = (flow: BrowserFlow, path: string, signedIn: SignedIn | undefined): LoginRequest => {
  if (!isAskedForEach(flow)) return { returnTo: path }
  return { returnTo: path + RECEIPT, ...(signedIn === undefined ? {} : { because: strings.login.anew }) }
}

/** That somebody approves now, and what their login says of itself. */
export const approvalBy = ({ subjectId, authenticatedAt, acr, amr }: SignedIn, now: EpochMillis) => ({
  _tag: "User" as const,
  subjectId,
  approvedAt: now,
  login: loginContextOf({ authTime: authenticatedAt, acr, amr }, now),
})

/**
 * What a form of that page is bound to. Where each request takes a login of its own, every login ends the session
 * before it, and two pages that are open side by side shall both be answered; none outlives the password.
 */
export const heldBy = (flow: BrowserFlow, signedIn: SignedIn): string =>
  isAskedForEach(flow) ? heldByPerson(signedIn) : signedIn.session

/**
 * `/logout`: a client sends somebody here to sign out, and has them back afterwards (OpenID Connect RP-Initiated Logout).
 *
 * Who is signed in is asked first, unless the client shows an ID token of theirs. The browser's session ends, and so do
 * the grants that tell clients who somebody is, as far as that very login gave them; what else was allowed stays. Nobody is
 * sent to an address that the client did not register for this.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { GrantId } from "../../core/index.ts"
import { OPENID } from "../../protocol/index.ts"
import type { Failure } from "../../provider/index.ts"
import type { IdTokenHint, OpenIdProvider } from "../../provider/features/openid/OpenIdProvider.ts"
import { isForm, parseParameters, type Parameters } from "../../provider/features/Form.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { inBrowserFlow, type BrowserFlow } from "../BrowserFlow.ts"
import { FIELD } from "../Forms.ts"
import type { SignedIn } from "../login/Login.ts"
import { messagePage } from "../pages/MessagePage.ts"
import { signOutPage } from "../pages/SignOutPage.ts"
import { strings } from "../pages/Strings.ts"
import { redirect } from "../Reply.ts"

/** Where the browser goes when nobody is signed in any more; `null` for a page of this server. */
interface Afterwards {
  readonly location: string | null
}

interface Asked extends Afterwards {
  readonly hint: IdTokenHint | undefined
}

const words = strings.signOut

const GRANTS_LOOKED_THROUGH = 1000

const endSession = (flow: BrowserFlow, provider: OpenIdProvider): Endpoint => {
  const { server, browser, forms, login, context } = flow
  const { settings } = server

  /** The grants of a login that tell clients who somebody is, that of the ID token among them. */
  const grantsOf = ({ subjectId, authenticatedAt }: SignedIn, named: string | undefined) =>
    Effect.map(server.grants({ subjectId }, { limit: GRANTS_LOOKED_THROUGH }), (grants): ReadonlyArray<GrantId> =>
      grants.flatMap((grant) =>
        grant._tag === "Open" &&
        grant.scopes.some((scope) => scope === OPENID) &&
        (grant.grantId === named || ("login" in grant.basis && grant.basis.login?.authTime === authenticatedAt))
          ? [grant.grantId]
          : [],
      ),
    )

  const lead = ({ location }: Afterwards, cookies: ReadonlyArray<string> = []) =>
    location === null
      ? Effect.map(messagePage(settings, 200, words.done, { title: words.doneTitle }), (page) => ({ ...page, cookies }))
      : Effect.succeed({ ...redirect(location), cookies })

  //= OIDCRP-2-ends
  const end = Effect.fnUntraced(function* (
    request: WireRequest,
    signedIn: SignedIn,
    named: string | undefined,
    afterwards: Afterwards,
  ): Effect.fn.Return<WireReply, Failure> {
    for (const grantId of yield* grantsOf(signedIn, named)) yield* server.revokeGrant(grantId, signedIn.subjectId)
    const signedOut = login.signOut === undefined ? undefined : yield* login.signOut(request)
    return yield* lead(afterwards, signedOut?.cookies)
  })

  /** What the client asks for; the failure is a sentence for the page. */
  const readAsked = Effect.fnUntraced(function* (
    parameters: Parameters,
  ): Effect.fn.Return<Result.Result<Asked, string>, Failure> {
    const token = parameters.get("id_token_hint")
    const hint = token === undefined ? undefined : yield* Effect.promise(() => provider.hintOf(token, context))
    if (token !== undefined && hint === undefined) return Result.fail(words.hintUnknown)
    const clientId = parameters.get("client_id") ?? hint?.clientId
    //= OIDCRP-2-client-id
    if (hint !== undefined && clientId !== hint.clientId) return Result.fail(words.hintOfAnother)
    const uri = parameters.get("post_logout_redirect_uri")
    if (uri === undefined) return Result.succeed({ hint, location: null })
    const client = clientId === undefined ? undefined : yield* server.client(clientId)
    //= OIDCRP-3-registered
    if (client?.metadata.post_logout_redirect_uris?.some((one) => one === uri) !== true) {
      return Result.fail(words.addressUnknown)
    }
    const location = new URL(uri)
    const state = parameters.get("state")
    //= OIDCRP-3-state
    if (state !== undefined) location.searchParams.append("state", state)
    return Result.succeed({ hint, location: location.href })
  })

  //= OIDCRP-2-confirmed
  const isMeant = (hint: IdTokenHint | undefined, { subjectId }: SignedIn): Effect.Effect<boolean> =>
    hint === undefined
      ? Effect.succeed(false)
      : Effect.map(
          Effect.promise(() => provider.subjectFor(hint.clientId, subjectId, context)),
          (sub) => sub === hint.sub,
        )

  const confirmed = Effect.fnUntraced(function* (
    request: WireRequest,
    signedIn: SignedIn,
  ): Effect.fn.Return<WireReply, Failure> {
    const received = yield* forms.receive<Afterwards>("sign out", request, signedIn.session)
    if (Result.isFailure(received)) return yield* messagePage(settings, 400, received.failure)
    return yield* end(request, signedIn, undefined, received.success.content)
  })

  return inBrowserFlow(flow, (request) =>
    Effect.gen(function* () {
      const { method, headers, body, query } = request
      const isPosted = method === "POST" && isForm(headers["content-type"])
      const parameters = parseParameters(isPosted ? body : query)
      const signedIn = yield* login.current(request)
      const isOwn = isPosted && new URLSearchParams(body).has(FIELD)
      if (isOwn) return signedIn === undefined ? yield* lead({ location: null }) : yield* confirmed(request, signedIn)
      if (Result.isFailure(parameters)) return yield* messagePage(settings, 400, words.unreadable)
      const asked = yield* readAsked(parameters.success)
      if (Result.isFailure(asked)) return yield* messagePage(settings, 400, asked.failure)
      const { hint, location } = asked.success
      if (signedIn === undefined) return yield* lead({ location: hint === undefined ? null : location })
      if (yield* isMeant(hint, signedIn)) return yield* end(request, signedIn, hint?.sid, { location })
      const { browser: id, recognised } = browser.identify(request)
      const form = yield* forms.issue<Afterwards>("sign out", { browser: id, session: signedIn.session }, { location })
      return recognised(yield* signOutPage(settings, { form, name: signedIn.name, action: request.path }))
    }),
  )
}

/** Where clients send people to sign out, by a link or a form (OpenID Connect RP-Initiated Logout 2). */
//= OIDCRP-2-methods
export const signOutPagesOf = (
  flow: BrowserFlow,
  provider: OpenIdProvider,
): ReadonlyArray<readonly ["GET" | "POST", `/${string}`, Endpoint]> => {
  const answer = endSession(flow, provider)
  return [
    ["GET", provider.endSession, answer],
    ["POST", provider.endSession, answer],
  ]
}

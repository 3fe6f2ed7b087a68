/**
 * Tokens that nobody is asked for: a client's own, one by a policy for a subject, and one token for another (RFC 8693).
 *
 * Each is a grant of its own, without code and refresh token. What is presented for another is found by what it names, and
 * judged by the core together with all that it came of.
 */
import * as Effect from "effect/Effect"
import {
  ancestorIn,
  inSeconds,
  refusals,
  wholeSeconds,
  type Ancestor,
  type GrantId,
  type Lifetimes,
  type RefusalReason,
} from "../core/index.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import { authenticationOf, usedBy } from "./ClientProof.ts"
import { execute, type HandlerContext } from "./CommandHandler.ts"
import {
  actorOf,
  actorsOf,
  clientIdOf,
  detailsOf,
  directBasisOf,
  grantTypeOf,
  jktOf,
  policyOf,
  resourcesOf,
  scopesOf,
} from "./Decoding.ts"
import type { Features } from "./features/Features.ts"
import { unservedFault } from "./features/details/ReadDetails.ts"
import { TOKEN_EXCHANGE } from "./features/grants/TokenExchange.ts"
import type { Offers } from "./Offer.ts"
import { awaited } from "./features/Settled.ts"
import { oauthError, type OAuthError, type Unavailable } from "./OAuthError.ts"
import { mintGrantId, mintToken } from "./Randomness.ts"
import { digestOf, type ReadToken } from "./Token.ts"
import { resourcesOfOffer, resourcesOfToken, type LifetimesFor } from "./TokenLifetimes.ts"
import type { Admitted } from "./TokenPace.ts"
import type { Credentials, SingleUse } from "./TokenRequests.ts"
import type { HandOut } from "./TokenResponse.ts"

interface Issuing {
  readonly readToken: ReadToken
  readonly lifetimesFor: LifetimesFor
  readonly admitted: Admitted
  readonly readyToHandOut: Effect.Effect<HandOut, Unavailable>
  readonly onOpened: Effect.Effect<void>
}

const used = (credentials: Credentials, claims: ReadonlyArray<SingleUse>) =>
  claims.length > 0 ? { claims: [...(credentials.claims ?? []), ...claims] } : usedBy(credentials)

export const directTokens = (
  context: HandlerContext,
  offers: Offers,
  { authorizationDetailsTypes: detailsTypes }: Pick<Features, "authorizationDetailsTypes">,
  issuing: Issuing,
) => {
  const { randomness, time } = context
  const { readToken, lifetimesFor, admitted, readyToHandOut, onOpened } = issuing

  const issueToken: AuthorizationServer["issueToken"] = Effect.fnUntraced(function* (request) {
    const { credentials, claims = [], until } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const grantType = yield* grantTypeOf(request.grantType ?? "client_credentials")
    const basis = yield* directBasisOf(request.basis ?? { _tag: "ClientCredentials" })
    const actors = request.actors === undefined ? {} : { actors: yield* actorsOf(request.actors) }
    const jkt = yield* jktOf(request.jkt)
    const scopes = yield* scopesOf(request.scopes)
    const resources = (yield* resourcesOf(request.resource)) ?? []
    const details = yield* detailsOf(request.authorizationDetails)
    const fault = unservedFault(detailsTypes, request.authorizationDetails)
    if (fault !== undefined) return yield* fault
    const handOut = yield* readyToHandOut
    const grantId: GrantId = mintGrantId(randomness, time.now())
    const access = mintToken(randomness, "access", grantId)
    const subject = basis._tag === "Policy" ? { subjectId: basis.subjectId } : {}
    const executed = yield* execute(
      context,
      { clientId, grantId, ...subject, isNewGrant: true, ...offers.about(resources) },
      clientId,
      (slice) => {
        const at = time.now()
        const offer = offers.of(resources, slice)
        const lifetimes = lifetimesFor(slice.state.client, () => resourcesOfOffer(offer, resources))
        return {
          _tag: "IssueToken" as const,
          grantId,
          grantType,
          basis,
          ...actors,
          clientId,
          authentication: authenticationOf(slice.state.client, credentials),
          scopes,
          resources,
          ...details,
          offer,
          jkt,
          accessToken: digestOf(access),
          lifetimes: endingBy(lifetimes, until, at),
          at,
        }
      },
      { admit: admitted("client", clientId), ...used(credentials, claims) },
    )
    const token = yield* handOut(executed, { access, refresh: "" })
    yield* onOpened
    return token
  })

  /** What a presented token names; refused where it is no access token of ours. */
  const named = Effect.fnUntraced(function* (
    token: string,
    reason: RefusalReason,
  ): Effect.fn.Return<Ancestor, OAuthError | Unavailable> {
    const read = readToken(token)
    const parsed = read instanceof Promise ? yield* awaited(read) : read
    if (parsed?.kind !== "access") {
      const [error, description] = refusals[reason]
      return yield* oauthError(error, description)
    }
    const { grantId, digest } = parsed
    return { grantId, digest }
  })

  const exchangeToken: AuthorizationServer["exchangeToken"] = Effect.fnUntraced(function* (request) {
    const { credentials, claims = [], actorToken, mayAct, detailTypes } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const grantType = yield* grantTypeOf(request.grantType ?? TOKEN_EXCHANGE)
    const policy = yield* policyOf(request.policy)
    const asked = {
      scopes: yield* scopesOf(request.scopes),
      resources: yield* resourcesOf(request.resource),
      ...(yield* detailsOf(request.authorizationDetails)),
      ...(detailTypes === undefined ? {} : { detailTypes }),
      jkt: yield* jktOf(request.jkt),
      mayAct: mayAct === undefined ? null : yield* actorOf(mayAct),
    }
    const subject = yield* named(request.subjectToken, "subject-token-bad")
    const actor = actorToken === undefined ? null : yield* named(actorToken, "actor-token-bad")
    const handOut = yield* readyToHandOut
    const grantId: GrantId = mintGrantId(randomness, time.now())
    const access = mintToken(randomness, "access", grantId)
    const executed = yield* execute(
      context,
      { clientId, grantId, isNewGrant: true, presented: actor === null ? [subject] : [subject, actor] },
      clientId,
      (slice) => ({
        _tag: "ExchangeToken" as const,
        grantId,
        grantType,
        clientId,
        authentication: authenticationOf(slice.state.client, credentials),
        subject,
        actor,
        policy,
        ...asked,
        offer: offers.toBearer,
        accessToken: digestOf(access),
        lifetimes: lifetimesFor(slice.state.client, () =>
          resourcesOfToken(ancestorIn(slice.state, subject)?.token ?? null, asked.resources),
        ),
        at: time.now(),
      }),
      { admit: admitted("client", clientId), ...used(credentials, claims) },
    )
    const token = yield* handOut(executed, { access, refresh: "" })
    yield* onOpened
    return token
  })

  return { issueToken, exchangeToken } satisfies Partial<AuthorizationServer>
}

/** Nothing lives longer than what vouches for it. */
const endingBy = (lifetimes: Lifetimes, until: number | undefined, at: number): Lifetimes => {
  if (until === undefined) return lifetimes
  const left = inSeconds(Math.max(0, wholeSeconds(until - at)))
  return left < lifetimes.accessToken ? { ...lifetimes, accessToken: left } : lifetimes
}

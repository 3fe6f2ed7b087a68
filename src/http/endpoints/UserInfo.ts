/**
 * `GET` and `POST /userinfo`: who an access token is of, for the client that asked by `openid` (OpenID Connect Core 5.3).
 *
 * The token is one that was issued for this, or for no resource in particular: one for somebody else's resource tells
 * that resource nothing here. What a name is, is read when it is asked for; nothing of it is in the log.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { OPENID, includesResource } from "../../protocol/index.ts"
import {
  OAuthError,
  oauthError,
  type AccessToken,
  type AuthorizationServer,
  type Failure,
} from "../../provider/index.ts"
import type { OpenIdProvider } from "../../provider/features/openid/OpenIdProvider.ts"
import { isForm, parseParameters } from "../../provider/features/Form.ts"
import { settled } from "../../provider/features/Settled.ts"
import type { Endpoint, WireReply, WireRequest } from "../../provider/features/Wire.ts"
import { failureReply, type Callers } from "../Caller.ts"
import { baseOf } from "../Metadata.ts"
import { errorReply, json } from "../Reply.ts"

/** A token as it was presented, and whether with a proof of a key. */
interface Presented {
  readonly token: string
  readonly isBound: boolean
}

/** The one token in the request, in its header or, as a bearer's, in the form that it posts (RFC 6750 2). */
//= OIDC-5.3.1-methods
const presentedIn = ({ method, headers, body }: WireRequest): Presented | OAuthError | undefined => {
  const [, scheme, inHeader] = /^(Bearer|DPoP) +([^\s,]+)$/i.exec(headers["authorization"] ?? "") ?? []
  const form = method === "POST" && isForm(headers["content-type"]) ? parseParameters(body) : undefined
  if (form !== undefined && Result.isFailure(form)) return oauthError("invalid_request", form.failure)
  const inBody = form?.success.get("access_token")
  if (inHeader !== undefined && inBody !== undefined) {
    return oauthError("invalid_request", "the access token comes by header and form: use one of them")
  }
  if (inHeader !== undefined) return { token: inHeader, isBound: scheme!.toLowerCase() === "dpop" }
  return inBody === undefined ? undefined : { token: inBody, isBound: false }
}

const invalid = oauthError("invalid_token", "the access token is not known, has ended, or is for another resource")

export const userInfo = (
  server: AuthorizationServer,
  callers: Callers,
  provider: OpenIdProvider,
): { readonly GET: Endpoint; readonly POST: Endpoint } => {
  const { features, context } = callers
  const resource = baseOf(server.settings.issuer) + provider.userInfo
  const schemes = features.senderConstraints.length === 0 ? ["Bearer"] : ["Bearer", "DPoP"]

  /** What whoever did not get an answer is told (RFC 6750 3, RFC 9449 7.1). */
  //= OIDC-5.3.3-errors
  const refusal = (failure: OAuthError | undefined): WireReply => {
    const { error, description, headers = {} } = failure ?? {}
    const status = error === "insufficient_scope" ? 403 : error === "invalid_request" ? 400 : 401
    const said = error === undefined ? "" : ` error="${error}"` + (status === 403 ? `, scope="${OPENID}"` : "")
    const challenges = { "www-authenticate": schemes.map((scheme) => scheme + said).join(", "), ...headers }
    return error === undefined
      ? { status, headers: challenges, body: "" }
      : errorReply(status, error, description!, challenges)
  }

  /** A token that is bound to a key is worth nothing without a proof of it, and no other is worth anything with one. */
  const isProven = Effect.fnUntraced(function* (
    request: WireRequest,
    { isBound }: Presented,
    { jkt }: AccessToken,
  ): Effect.fn.Return<boolean, Failure> {
    if (isBound !== (jkt !== undefined)) return false
    if (jkt === undefined) return true
    for (const constraint of features.senderConstraints) {
      const proven = yield* settled(constraint.read(request, context, "resource"))
      if (proven === undefined) continue
      yield* server.useOnce(proven.claims)
      return proven.jkt === jkt
    }
    return false
  })

  const answer = Effect.fnUntraced(function* (request: WireRequest): Effect.fn.Return<WireReply, Failure> {
    const presented = presentedIn(request)
    if (presented === undefined || presented instanceof OAuthError) return refusal(presented)
    const access = yield* server.verify(presented.token)
    if (access === undefined || !(yield* isProven(request, presented, access))) return refusal(invalid)
    const { resource: named = [], scopes, subject, clientId } = access
    if (named.length > 0 && !includesResource(named, resource)) return refusal(invalid)
    if (!scopes.includes(OPENID) || subject === undefined) {
      return refusal(oauthError("insufficient_scope", "the access token was not asked for with the scope openid"))
    }
    const account = yield* server.accountOf(subject)
    //= OIDC-5.3.2-sub
    const sub = yield* Effect.promise(() => provider.subjectFor(clientId, subject, context))
    //= OIDC-5.4-claims-by-scope
    const profile =
      account === undefined || !scopes.includes("profile")
        ? {}
        : { name: account.displayName, ...(account.hasPassword ? { preferred_username: account.name } : {}) }
    return json(200, { sub, ...profile })
  })

  const endpoint: Endpoint = (request) =>
    Effect.catch(answer(request), (failure) =>
      failure instanceof OAuthError ? Effect.succeed(refusal(failure)) : failureReply(failure),
    )
  return { GET: endpoint, POST: endpoint }
}

/**
 * What the endpoints that clients call share: a form, the credentials in it, the limit on wrong ones, and errors in
 * the shape of RFC 6749 5.2.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { OAuthErrorCode } from "../protocol/index.ts"
import { OAuthError, RateLimited, Unavailable, type Credentials, type Failure } from "../provider/index.ts"
import type { FeatureContext, KeyPurpose, ProvenKey } from "../provider/features/Feature.ts"
import type { Features } from "../provider/features/Features.ts"
import { settled } from "../provider/features/Settled.ts"
import { readCredentials } from "./ClientAuthentication.ts"
import { isForm, parseParameters, type Parameters } from "../provider/features/Form.ts"
import { clientNamedIn, documentTurn } from "./DocumentTurns.ts"
import type { Limits } from "./Limits.ts"
import { comeAgain, errorReply } from "./Reply.ts"
import type { WireReply, WireRequest } from "../provider/features/Wire.ts"

/** 401 for a client that did not prove itself, 400 for everything else. */
//= RFC6749-5.2-error-codes
export const tokenError = (
  error: OAuthErrorCode,
  description: string,
  headers: WireReply["headers"] = {},
): Effect.Effect<WireReply> =>
  Effect.succeed(
    error === "invalid_client"
      ? errorReply(401, error, description, headers)
      : errorReply(400, error, description, headers),
  )

const BASIC_CHALLENGE = 'Basic realm="grantlog", charset="UTF-8"'

/**
 * A refusal with the challenge to come with a secret, where one was tried in the header or may be. Who proves itself by
 * assertions gets none: there is no scheme of HTTP for them, and clients that are challenged read no error code.
 */
//= OAUTH21-3.2.4-401-for-header-auth
const challenged = (
  { clientAuthentications }: Features,
  { headers }: WireRequest,
  form: Parameters,
  reply: WireReply,
): WireReply => {
  const isTried = headers["authorization"] !== undefined
  const isTaken = (part: string) => clientAuthentications.some(({ reads }) => reads === part)
  const hasAssertion = isTaken("client_assertion") && form.get("client_assertion") !== undefined
  const isAsked = isTried || (isTaken("authorization") && !hasAssertion)
  if (reply.status !== 401 || !isAsked) return reply
  return { ...reply, headers: { "www-authenticate": BASIC_CHALLENGE, ...reply.headers } }
}

/** Told why something was unavailable: a sentence for the operator and what caused it, which the caller does not get. */
export const OperatorNotice = Context.Reference<(sentence: string, cause?: unknown) => void>(
  "grantlog/http/OperatorNotice",
  {
    defaultValue: () => () => {},
  },
)

export const failureReply = (failure: Failure): Effect.Effect<WireReply> =>
  failure instanceof OAuthError
    ? tokenError(failure.error, failure.description, failure.headers)
    : failure instanceof RateLimited
      ? Effect.succeed(comeAgain(429, failure.retryAfterSeconds, failure.message))
      : Effect.map(OperatorNotice, (tell) => {
          tell(failure.message, failure.cause)
          return comeAgain(503, failure.retryAfterSeconds, "the server cannot answer this now; try again later")
        })

/** What every caller is read by; made once for the endpoints of a server. */
export interface Callers {
  readonly features: Features
  readonly context: FeatureContext
  readonly limits: Limits
}

/** What a caller shows of itself. */
export interface Proven {
  readonly credentials: Credentials
  /** The thumbprint of the key that it proved to hold. */
  readonly jkt?: string
}

/** The key that a request proves, by the first feature that finds a proof in it. */
const provenKey = Effect.fnUntraced(function* (
  { features, context }: Callers,
  request: WireRequest,
  purpose: KeyPurpose,
): Effect.fn.Return<ProvenKey | undefined, OAuthError | Unavailable> {
  for (const constraint of features.senderConstraints) {
    const proven = yield* settled(constraint.read(request, context, purpose))
    if (proven !== undefined) return proven
  }
  return undefined
})

const withKey = (credentials: Credentials, { jkt, claims }: ProvenKey): Proven => ({
  credentials: { ...credentials, claims: [...(credentials.claims ?? []), ...claims] },
  jkt,
})

/** What an endpoint asks of its callers. */
export interface CallerNeeds {
  /** Whether everybody has to prove itself; public clients may call by default. */
  readonly isProofNeeded?: boolean
  /** What a key that the caller proves is for; a proof is not looked at by default. */
  readonly keyPurpose?: KeyPurpose | undefined
}

/**
 * Runs `body` for a caller with a form (RFC 6749 3.2) and readable credentials; failed authentications are counted, and
 * many of them slowed.
 */
export const asCaller = (
  callers: Callers,
  request: WireRequest,
  body: (caller: Proven, form: Parameters) => Effect.Effect<WireReply, Failure>,
  { isProofNeeded = false, keyPurpose }: CallerNeeds = {},
): Effect.Effect<WireReply> => {
  const { features, limits, context } = callers
  if (!isForm(request.headers["content-type"])) {
    return tokenError("invalid_request", "the body must be application/x-www-form-urlencoded")
  }
  const form = parseParameters(request.body)
  if (Result.isFailure(form)) return tokenError("invalid_request", form.failure)
  const fields = form.success
  const turn = documentTurn(callers, clientNamedIn(fields), request.source)
  const refuse = (failure: Failure) => Effect.andThen(turn.note(failure), failureReply(failure))
  const answer = (credentials: Credentials, acted: Effect.Effect<WireReply, Failure>) =>
    Effect.catch(acted, (failure) =>
      failure instanceof OAuthError && failure.error === "invalid_client"
        ? Effect.andThen(turn.note(failure), refuseClient(limits, request.source, credentials.clientId, failure))
        : refuse(failure),
    )
  const act = (credentials: Credentials) => {
    if (keyPurpose === undefined || features.senderConstraints.length === 0) {
      return answer(credentials, body({ credentials }, fields))
    }
    return Effect.matchEffect(provenKey(callers, request, keyPurpose), {
      onFailure: failureReply,
      onSuccess: (proven) => {
        if (proven === undefined) return answer(credentials, body({ credentials }, fields))
        const { headers = {} } = proven
        const replied = answer(credentials, body(withKey(credentials, proven), fields))
        return Effect.map(replied, (reply) => ({ ...reply, headers: { ...reply.headers, ...headers } }))
      },
    })
  }
  const read = Effect.suspend(() =>
    settled(readCredentials(request, fields, features.clientAuthentications, context, isProofNeeded)),
  )
  const answered = Effect.matchEffect(Effect.andThen(turn.wait, read), { onSuccess: act, onFailure: refuse })
  return Effect.map(answered, (reply) => challenged(features, request, fields, reply))
}

/** Who proves itself is never turned away for what others tried under its name: only failures are counted and slowed. */
const refuseClient = (limits: Limits, source: string, clientId: string, failure: OAuthError) =>
  Effect.flatMap(limits.failedAuthentication(source, clientId), (waitSeconds) =>
    waitSeconds > 0
      ? Effect.succeed(comeAgain(429, waitSeconds, "too many failed authentications; try again later"))
      : failureReply(failure),
  )

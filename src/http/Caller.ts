/**
 * What the endpoints that clients call share: a form, the credentials in it, the limit on wrong ones, and errors in
 * the shape of RFC 6749 5.2.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { OAuthErrorCode } from "../protocol/index.ts"
import { OAuthError, RateLimited, type Credentials, type Failure } from "../provider/index.ts"
import { readCredentials, type invalidClient } from "./ClientAuthentication.ts"
import { isForm, parseParameters, type Parameters } from "../provider/features/Form.ts"
import type { Limits } from "./Limits.ts"
import { comeAgain, errorReply } from "./Reply.ts"
import type { WireReply, WireRequest } from "../provider/features/Wire.ts"

/** 401 with a challenge for a client that did not prove itself, 400 for everything else. */
//= OAUTH21-3.2.4-401-for-header-auth
//= RFC6749-5.2-error-codes
export const tokenError = (error: OAuthErrorCode, description: string): Effect.Effect<WireReply> =>
  Effect.succeed(
    error === "invalid_client"
      ? errorReply(401, error, description, { "www-authenticate": 'Basic realm="grantlog", charset="UTF-8"' })
      : errorReply(400, error, description),
  )

/** Told why something was unavailable: a sentence for the operator and what caused it, which the caller does not get. */
export const OperatorNotice = Context.Reference<(sentence: string, cause?: unknown) => void>(
  "grantlog/http/OperatorNotice",
  {
    defaultValue: () => () => {},
  },
)

export const failureReply = (failure: Failure): Effect.Effect<WireReply> =>
  failure instanceof OAuthError
    ? tokenError(failure.error, failure.description)
    : failure instanceof RateLimited
      ? Effect.succeed(comeAgain(429, failure.retryAfterSeconds, failure.message))
      : Effect.map(OperatorNotice, (tell) => {
          tell(failure.message, failure.cause)
          return comeAgain(503, failure.retryAfterSeconds, "the server cannot answer this now; try again later")
        })

/**
 * Runs `body` for a caller with a form (RFC 6749 3.2) and readable credentials; failed authentications are counted, and
 * many of them slowed.
 */
export const asCaller = (
  limits: Limits,
  request: WireRequest,
  body: (credentials: Credentials, form: Parameters) => Effect.Effect<WireReply, Failure>,
  missing?: typeof invalidClient,
): Effect.Effect<WireReply> => {
  if (!isForm(request.headers["content-type"])) {
    return tokenError("invalid_request", "the body must be application/x-www-form-urlencoded")
  }
  const form = parseParameters(request.body)
  if (Result.isFailure(form)) return tokenError("invalid_request", form.failure)
  const credentials = readCredentials(request, form.success, missing)
  if (Result.isFailure(credentials)) return tokenError(credentials.failure.error, credentials.failure.description)
  return Effect.catch(body(credentials.success, form.success), (failure) =>
    failure instanceof OAuthError && failure.error === "invalid_client"
      ? refuseClient(limits, request.source, credentials.success.clientId, failure)
      : failureReply(failure),
  )
}

/** Who proves itself is never turned away for what others tried under its name: only failures are counted and slowed. */
const refuseClient = (limits: Limits, source: string, clientId: string, failure: OAuthError) =>
  Effect.flatMap(limits.failedAuthentication(source, clientId), (waitSeconds) =>
    waitSeconds > 0
      ? Effect.succeed(comeAgain(429, waitSeconds, "too many failed authentications; try again later"))
      : failureReply(failure),
  )

/**
 * What it means when a token endpoint, or one like it, gives nothing: an error that says what becomes of what is stored.
 *
 * No error repeats what was sent, or a secret that came beside the refusal.
 */
import { TokenError, type TokenErrorCode } from "../ClientError.ts"
import { phrase, shown, type ErrorDetails } from "../ErrorResponse.ts"
import { member } from "../LenientReading.ts"
import { meaningOf } from "./TokenResponse.ts"

/** Nothing came: the endpoint cannot be reached, or not just now; or nothing was sent, which says so itself. */
export const unreachable = (endpoint: string, cause: unknown): TokenError => {
  if (cause instanceof TokenError) return cause
  const message = `${endpoint} cannot be reached: nothing was given up, try again later`
  return new TokenError({ code: "server_unavailable", message, isReplyLost: !isNeverSent(cause), cause })
}

/** The server said no; `secrets` stand in what it said, or were sent. */
export const refused = (
  endpoint: string,
  response: Response,
  said: ErrorDetails,
  secrets: ReadonlyArray<string>,
): TokenError => refusal(endpoint, response, meaningOf(response.status, said), shown(said, secrets))

const refusal = (endpoint: string, response: Response, code: TokenErrorCode, said: ErrorDetails): TokenError => {
  const { status } = response
  const answered = `${endpoint} answered with ${status}${phrase(said)}`
  const error = member("error", said.code)
  switch (code) {
    case "grant_ended":
      return new TokenError({ code, message: `${answered}: log in again`, ...error })
    case "client_refused":
      return new TokenError({ code, message: `${answered}: the client has to register anew`, ...error })
    case "server_unavailable": {
      const message = `${answered}: nothing was given up, try again later`
      const retry = member("retryAfterSeconds", retryAfterOf(response))
      // It may have been carried out before it failed; who is sent away by a sentence was not served.
      return new TokenError({ code, message, isReplyLost: status >= 500, ...error, ...retry })
    }
    default: {
      const message = `${answered}: check the scopes and the resource, log in again, or tell whoever runs the server`
      return new TokenError({ code, message, ...error })
    }
  }
}

const NEVER_SENT = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"]

/** Whether the request surely never left: no connection came to be. */
const isNeverSent = (cause: unknown): boolean => {
  const code = (error: unknown) => (error as { readonly code?: unknown } | null | undefined)?.code
  const inner = cause instanceof Error ? cause.cause : undefined
  const all = inner instanceof AggregateError ? inner.errors : [inner]
  return [code(cause), ...all.map(code)].some((one) => typeof one === "string" && NEVER_SENT.includes(one))
}

const retryAfterOf = (response: Response): number | undefined => {
  const header = response.headers.get("retry-after")
  return header !== null && /^\d{1,6}$/.test(header) ? Number(header) : undefined
}

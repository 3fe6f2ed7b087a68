/**
 * The `fetch` that authenticates: sends the token along, and when the server wants another one gets it and asks again.
 *
 * Requests to other origins, and those that bring an `Authorization` of their own, pass through untouched.
 */
import { bearerChallenge, dpopChallenge, type Challenge } from "../../protocol/index.ts"
import type { Fetch, Outbound } from "../Outbound.ts"
import { discard } from "../ResponseBody.ts"
import { isBound, sendProven } from "./KeyProof.ts"
import { noAttempts, nextAction, withAttempt } from "./RetryPolicy.ts"
import { scopesOf } from "../authorization/ScopeSelection.ts"
import type { StoredTokens } from "../storage/TokenStorage.ts"

export interface FetchParts {
  readonly mcpUrl: string
  readonly outbound: Outbound
  /** For what passes through. */
  readonly passThrough: Fetch
  /** Tokens to go on with, without asking anybody; `undefined` when somebody has to log in. */
  readonly fresh: (rejected?: {
    readonly accessToken: string
    readonly challenge: Challenge | undefined
  }) => Promise<StoredTokens | undefined>
  readonly authFlow: (challenge?: Challenge) => Promise<StoredTokens>
}

export const authenticatedFetch = ({ mcpUrl, outbound, passThrough, fresh, authFlow }: FetchParts): Fetch => {
  const { origin } = new URL(mcpUrl)
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const given = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    if (url.origin !== origin || given.has("authorization")) return passThrough(input, init)

    const send = repeatable(outbound, input, init, given)
    let tokens = await fresh()
    let attempts = noAttempts
    for (;;) {
      const response = await send(tokens)
      const challenge = challengeOf(response, tokens)
      const held = tokens === undefined ? undefined : scopesOf(tokens.tokens.scope)
      const action = nextAction({ status: response.status, challenge, held }, attempts)
      if (action === "return") return response
      await discard(response)
      attempts = withAttempt(attempts, action)
      if (action === "renew") {
        tokens = await fresh({ accessToken: tokens!.tokens.access_token, challenge })
        if (tokens !== undefined) continue
        attempts = withAttempt(attempts, "login")
      }
      tokens = await authFlow(challenge)
    }
  }
}

/** What the resource wants, in the words of the scheme that was tried. */
const challengeOf = ({ headers }: Response, tokens: StoredTokens | undefined): Challenge | undefined => {
  const header = headers.get("www-authenticate")
  const [bearer, dpop] = [bearerChallenge(header), dpopChallenge(header)]
  return tokens !== undefined && isBound(tokens) ? (dpop ?? bearer) : (bearer ?? dpop)
}

/** The same request as often as it takes, each time with the token of the moment, and with a proof where it is bound. */
const repeatable = (
  outbound: Outbound,
  input: string | URL | Request,
  init: RequestInit | undefined,
  given: Headers,
) => {
  const isStream = init?.body instanceof ReadableStream
  const source = isStream ? new Request(input, { ...init, duplex: "half" } as RequestInit) : input
  const rest = isStream ? {} : init
  const sendWith = (credentials: Readonly<Record<string, string>>): Promise<Response> => {
    const headers = new Headers(given)
    for (const [name, value] of Object.entries(credentials)) headers.set(name, value)
    return outbound.fetch(source instanceof Request ? source.clone() : source, { ...rest, headers })
  }
  const method = init?.method ?? (input instanceof Request ? input.method : "GET")
  const url = input instanceof Request ? input.url : String(input)
  return (tokens: StoredTokens | undefined): Promise<Response> => {
    if (tokens === undefined) return sendWith({})
    const accessToken = tokens.tokens.access_token
    //= OAUTH21-5.1-one-token-method
    //= OAUTH21-1.4-token-opaque-to-client
    if (!isBound(tokens)) return sendWith({ authorization: `Bearer ${accessToken}` })
    return sendProven(outbound, tokens.proofKey, { method: method.toUpperCase(), url, accessToken }, (proof) =>
      sendWith({ authorization: `DPoP ${accessToken}`, dpop: proof }),
    )
  }
}

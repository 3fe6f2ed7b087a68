/**
 * The `fetch` that authenticates: sends the token along, and when the server wants another one gets it and asks again.
 *
 * Requests to other origins, and those that bring an `Authorization` of their own, pass through untouched.
 */
import { bearerChallenge, type Challenge } from "../../protocol/index.ts"
import type { Fetch } from "../Outbound.ts"
import { discard } from "../ResponseBody.ts"
import { noAttempts, nextAction, withAttempt } from "./RetryPolicy.ts"
import { scopesOf } from "../authorization/ScopeSelection.ts"
import type { StoredTokens } from "../storage/TokenStorage.ts"

export interface FetchParts {
  readonly mcpUrl: string
  readonly fetch: Fetch
  /** For what passes through. */
  readonly passThrough: Fetch
  /** Tokens to go on with, without asking anybody; `undefined` when somebody has to log in. */
  readonly fresh: (rejected?: {
    readonly accessToken: string
    readonly challenge: Challenge | undefined
  }) => Promise<StoredTokens | undefined>
  readonly authFlow: (challenge?: Challenge) => Promise<StoredTokens>
}

export const authenticatedFetch = ({ mcpUrl, fetch, passThrough, fresh, authFlow }: FetchParts): Fetch => {
  const { origin } = new URL(mcpUrl)
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    const given = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined))
    if (url.origin !== origin || given.has("authorization")) return passThrough(input, init)

    const send = repeatable(fetch, input, init, given)
    let tokens = await fresh()
    let attempts = noAttempts
    for (;;) {
      const response = await send(tokens?.tokens.access_token)
      const challenge = bearerChallenge(response.headers.get("www-authenticate"))
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

/** The same request as often as it takes, each time with the token of the moment. */
const repeatable = (fetch: Fetch, input: string | URL | Request, init: RequestInit | undefined, given: Headers) => {
  const isStream = init?.body instanceof ReadableStream
  const source = isStream ? new Request(input, { ...init, duplex: "half" } as RequestInit) : input
  const rest = isStream ? {} : init
  return (accessToken: string | undefined): Promise<Response> => {
    const headers = new Headers(given)
    //= OAUTH21-5.1-one-token-method
    //= OAUTH21-1.4-token-opaque-to-client
    if (accessToken !== undefined) headers.set("authorization", `Bearer ${accessToken}`)
    return fetch(source instanceof Request ? source.clone() : source, { ...rest, headers })
  }
}

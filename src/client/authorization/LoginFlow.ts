/**
 * One login as a machine: what is known, what to do next, and what may still go wrong.
 *
 * Pure: something happens, the next state says what to do about it. Who drives it does the doing. A code is only ever
 * redeemed from a state that holds the pending login that it answers, so no order of events sends it elsewhere, and a server
 * that forgot the client is asked once more with a fresh registration, never twice.
 */
import type { AuthorizationResponse, PendingLogin } from "./PendingLogin.ts"
import { AuthorizationError, ClientNotFoundError, TokenError, type OAuthClientError } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import type { Registered } from "../registration/Registration.ts"
import type { StoredTokens } from "../storage/TokenStorage.ts"

export type LoginFlow =
  /** Find out who the server is. */
  | { readonly _tag: "Discovering" }
  /** Find or make the client; a stored one is not taken if it `mustBeFresh`. */
  | { readonly _tag: "Registering"; readonly discovered: Discovered; readonly mustBeFresh: boolean }
  /** Send the user to the server and wait for the answer. */
  | {
      readonly _tag: "Authorizing"
      readonly discovered: Discovered
      readonly registered: Registered
      readonly isRetry: boolean
    }
  /** Redeem the code. */
  | {
      readonly _tag: "Redeeming"
      readonly pending: PendingLogin
      readonly answer: AuthorizationResponse
      readonly isRetry: boolean
    }
  | { readonly _tag: "LoggedIn"; readonly pending: PendingLogin; readonly tokens: StoredTokens }
  | { readonly _tag: "Failed"; readonly error: OAuthClientError }

export type LoginEvent =
  | { readonly _tag: "ServerFound"; readonly discovered: Discovered }
  | { readonly _tag: "ClientFound"; readonly registered: Registered }
  | { readonly _tag: "CodeCame"; readonly pending: PendingLogin; readonly answer: AuthorizationResponse }
  | { readonly _tag: "TokensCame"; readonly tokens: StoredTokens }
  | { readonly _tag: "WentWrong"; readonly error: OAuthClientError }

export const initial: LoginFlow = { _tag: "Discovering" }

/** What does not fit the state is a late echo, and changes nothing. */
export const next = (flow: LoginFlow, event: LoginEvent): LoginFlow => {
  if (event._tag === "WentWrong") return afterFault(flow, event.error)
  switch (flow._tag) {
    case "Discovering":
      if (event._tag !== "ServerFound") return flow
      return { _tag: "Registering", discovered: event.discovered, mustBeFresh: false }
    case "Registering": {
      const { discovered, mustBeFresh } = flow
      if (event._tag !== "ClientFound" || event.registered.issuer !== discovered.server.issuer) return flow
      return { _tag: "Authorizing", discovered, registered: event.registered, isRetry: mustBeFresh }
    }
    case "Authorizing": {
      if (event._tag !== "CodeCame") return flow
      const { pending, answer } = event
      // INVARIANT: a code goes to the server and the client that it was asked of (A04, A07).
      if (pending.discovered !== flow.discovered || pending.registered !== flow.registered) return flow
      return { _tag: "Redeeming", pending, answer, isRetry: flow.isRetry }
    }
    case "Redeeming":
      if (event._tag !== "TokensCame" || event.tokens.issuer !== flow.pending.discovered.server.issuer) {
        return flow
      }
      return { _tag: "LoggedIn", pending: flow.pending, tokens: event.tokens }
    case "LoggedIn":
    case "Failed":
      return flow
    default:
      return flow satisfies never
  }
}

export const isOver = (flow: LoginFlow): flow is Extract<LoginFlow, { readonly _tag: "LoggedIn" | "Failed" }> =>
  flow._tag === "LoggedIn" || flow._tag === "Failed"

const afterFault = (flow: LoginFlow, error: OAuthClientError): LoginFlow => {
  switch (flow._tag) {
    case "Authorizing":
      return isStale(error, flow.registered) && !flow.isRetry
        ? { _tag: "Registering", discovered: flow.discovered, mustBeFresh: true }
        : { _tag: "Failed", error }
    case "Redeeming": {
      const { discovered, registered } = flow.pending
      return isStale(error, registered) && !flow.isRetry
        ? { _tag: "Registering", discovered, mustBeFresh: true }
        : { _tag: "Failed", error }
    }
    case "Discovering":
    case "Registering":
      return { _tag: "Failed", error }
    case "LoggedIn":
    case "Failed":
      return flow
    default:
      return flow satisfies never
  }
}

const STALE = ["invalid_client", "unauthorized_client", "invalid_scope"]

/** The server does not know a client that it once registered, or not for what is asked now: what registering anew can cure, and nothing else. */
export const isStale = (error: OAuthClientError, { source }: Registered): boolean => {
  if (source !== "stored") return false
  if (error instanceof ClientNotFoundError) return true
  if (error instanceof AuthorizationError) return STALE.includes(error.error ?? "")
  return error instanceof TokenError && error.code === "client_refused"
}

/**
 * One login as a machine: what is known, what to do next, and what may still go wrong.
 *
 * Pure: something happens, the next state says what to do about it. Who drives it does the doing. A code is only ever
 * redeemed from a state that holds the transaction it answers, so no order of events sends it elsewhere, and a server
 * that forgot the client is asked once more with a fresh registration, never twice.
 */
import type { Answer, Transaction } from "./Authorization.ts"
import { AuthorizationError, ClientNotFoundError, TokenError, type OAuthClientError } from "./ClientError.ts"
import type { Discovered } from "./Discovery.ts"
import type { Registered } from "./Registration.ts"
import type { StoredTokens } from "./storage/TokenStorage.ts"

export type Flow =
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
      readonly transaction: Transaction
      readonly answer: Answer
      readonly isRetry: boolean
    }
  | { readonly _tag: "LoggedIn"; readonly transaction: Transaction; readonly tokens: StoredTokens }
  | { readonly _tag: "Failed"; readonly error: OAuthClientError }

export type Happening =
  | { readonly _tag: "ServerFound"; readonly discovered: Discovered }
  | { readonly _tag: "ClientFound"; readonly registered: Registered }
  | { readonly _tag: "CodeCame"; readonly transaction: Transaction; readonly answer: Answer }
  | { readonly _tag: "TokensCame"; readonly tokens: StoredTokens }
  | { readonly _tag: "WentWrong"; readonly error: OAuthClientError }

export const initial: Flow = { _tag: "Discovering" }

/** What does not fit the state is a late echo, and changes nothing. */
export const next = (flow: Flow, happening: Happening): Flow => {
  if (happening._tag === "WentWrong") return afterFault(flow, happening.error)
  switch (flow._tag) {
    case "Discovering":
      if (happening._tag !== "ServerFound") return flow
      return { _tag: "Registering", discovered: happening.discovered, mustBeFresh: false }
    case "Registering": {
      const { discovered, mustBeFresh } = flow
      if (happening._tag !== "ClientFound" || happening.registered.issuer !== discovered.server.issuer) return flow
      return { _tag: "Authorizing", discovered, registered: happening.registered, isRetry: mustBeFresh }
    }
    case "Authorizing": {
      if (happening._tag !== "CodeCame") return flow
      const { transaction, answer } = happening
      // INVARIANT: a code goes to the server and the client that it was asked of (A04, A07).
      if (transaction.discovered !== flow.discovered || transaction.registered !== flow.registered) return flow
      return { _tag: "Redeeming", transaction, answer, isRetry: flow.isRetry }
    }
    case "Redeeming":
      if (happening._tag !== "TokensCame" || happening.tokens.issuer !== flow.transaction.discovered.server.issuer) {
        return flow
      }
      return { _tag: "LoggedIn", transaction: flow.transaction, tokens: happening.tokens }
    case "LoggedIn":
    case "Failed":
      return flow
    default:
      return flow satisfies never
  }
}

export const isOver = (flow: Flow): flow is Extract<Flow, { readonly _tag: "LoggedIn" | "Failed" }> =>
  flow._tag === "LoggedIn" || flow._tag === "Failed"

const afterFault = (flow: Flow, error: OAuthClientError): Flow => {
  switch (flow._tag) {
    case "Authorizing":
      return isStale(error, flow.registered) && !flow.isRetry
        ? { _tag: "Registering", discovered: flow.discovered, mustBeFresh: true }
        : { _tag: "Failed", error }
    case "Redeeming": {
      const { discovered, registered } = flow.transaction
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
const isStale = (error: OAuthClientError, { source }: Registered): boolean => {
  if (source !== "stored") return false
  if (error instanceof ClientNotFoundError) return true
  if (error instanceof AuthorizationError) return STALE.includes(error.error ?? "")
  return error instanceof TokenError && error.code === "client_refused"
}

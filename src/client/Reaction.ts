/**
 * What an answer of the resource asks of the client: nothing, a fresh token, a login, or a login for more.
 *
 * Pure, and bounded: a request is repeated a few times at most, whatever the resource answers, and never to ask for
 * scopes that are there already.
 */
import type { Challenge } from "./Challenge.ts"
import { isWithin } from "./Scopes.ts"

/** What was tried for one request so far. */
export interface Tried {
  readonly hasRenewed: boolean
  readonly hasLoggedIn: boolean
  readonly stepUpCount: number
}

export const nothingTried: Tried = { hasRenewed: false, hasLoggedIn: false, stepUpCount: 0 }

const MAX_STEP_UPS = 2

export type Reaction = "return" | "renew" | "login" | "stepUp"

export interface Seen {
  readonly status: number
  readonly challenge: Challenge | undefined
  /** The scopes of the token that was sent; `undefined` if none was. */
  readonly held: ReadonlyArray<string> | undefined
}

export const reactionTo = ({ status, challenge, held }: Seen, tried: Tried): Reaction => {
  if (status === 401) {
    if (held !== undefined && !tried.hasRenewed) return "renew"
    return tried.hasLoggedIn ? "return" : "login"
  }
  //= MCP-AUTHZ-client-scope-union
  const demanded = challenge?.error === "insufficient_scope" ? challenge.scopes : undefined
  const isFutile = status !== 403 || demanded === undefined || tried.stepUpCount >= MAX_STEP_UPS
  return isFutile || (held !== undefined && isWithin(demanded, held)) ? "return" : "stepUp"
}

/** What was tried, once this reaction is under way. */
export const trying = (tried: Tried, reaction: Reaction): Tried => {
  switch (reaction) {
    case "return":
      return tried
    case "renew":
      return { ...tried, hasRenewed: true }
    case "login":
      return { ...tried, hasRenewed: true, hasLoggedIn: true }
    case "stepUp":
      return { ...tried, stepUpCount: tried.stepUpCount + 1 }
    default:
      return reaction satisfies never
  }
}

/**
 * What an answer of the resource asks of the client: nothing, a fresh token, a login, a better login, or a login for more.
 *
 * Pure, and bounded: a request is repeated a few times at most, whatever the resource answers, and never to ask for
 * scopes that are there already.
 */
import { INSUFFICIENT_AUTHENTICATION, isSubset, type Challenge } from "../../protocol/index.ts"

/** What was tried for one request so far. */
export interface Attempts {
  readonly hasRenewed: boolean
  readonly hasLoggedIn: boolean
  readonly hasStrengthened: boolean
  readonly stepUpCount: number
}

export const noAttempts: Attempts = { hasRenewed: false, hasLoggedIn: false, hasStrengthened: false, stepUpCount: 0 }

const MAX_STEP_UPS = 2

/** `strengthen`: a login as the resource demands it, newer or stronger than the one that there was. */
export type Action = "return" | "renew" | "login" | "strengthen" | "stepUp"

export interface SeenResponse {
  readonly status: number
  readonly challenge: Challenge | undefined
  /** The scopes of the token that was sent; `undefined` if none was. */
  readonly held: ReadonlyArray<string> | undefined
}

export const nextAction = ({ status, challenge, held }: SeenResponse, attempts: Attempts): Action => {
  //= RFC9470-4-client-asks-anew
  if (status === 401 && challenge?.error === INSUFFICIENT_AUTHENTICATION && held !== undefined) {
    // No refresh makes the login newer or stronger, and a login that is told nothing would be the same once more.
    const isNamed = challenge.acrValues !== undefined || challenge.maxAgeSeconds !== undefined
    return isNamed && !attempts.hasStrengthened ? "strengthen" : "return"
  }
  if (status === 401) {
    if (held !== undefined && !attempts.hasRenewed) return "renew"
    return attempts.hasLoggedIn ? "return" : "login"
  }
  //= MCP-AUTHZ-client-scope-union
  const demanded = challenge?.error === "insufficient_scope" ? challenge.scopes : undefined
  const isFutile = status !== 403 || demanded === undefined || attempts.stepUpCount >= MAX_STEP_UPS
  return isFutile || (held !== undefined && isSubset(demanded, held)) ? "return" : "stepUp"
}

/** What was tried, once this action is under way. */
export const withAttempt = (attempts: Attempts, action: Action): Attempts => {
  switch (action) {
    case "return":
      return attempts
    case "renew":
      return { ...attempts, hasRenewed: true }
    case "login":
      return { ...attempts, hasRenewed: true, hasLoggedIn: true }
    case "strengthen":
      return { ...attempts, hasStrengthened: true }
    case "stepUp":
      return { ...attempts, stepUpCount: attempts.stepUpCount + 1 }
    default:
      return action satisfies never
  }
}

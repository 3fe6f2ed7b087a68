/** What is kept of a grant has a size that does not depend on how much was done with it. */
import { MAX_LIVE_ACCESS_TOKENS, MAX_REFUSED_ATTEMPTS, MAX_RETRIES, isLive, type Grant } from "../../src/core/index.ts"
import { grantOf } from "../model/About.ts"
import type { Machine } from "../Machine.ts"
import { eventsOf, eventsOfType } from "./evidence/Events.ts"
import type { Invariant, Objection } from "./Invariant.ts"

const isOverfull = (grant: Grant, at: Machine["at"], hasIssued: boolean): Objection => {
  if (grant._tag !== "Open") return undefined
  const { accessTokens, refresh, code } = grant
  if (accessTokens.length > MAX_LIVE_ACCESS_TOKENS) return `${accessTokens.length} access tokens of one grant are kept`
  const answers = refresh?.previous?.answers.length ?? 0
  if (answers > MAX_RETRIES + 1) return `${answers} answers to one refresh token are kept`
  if ((code?.refusedCount ?? 0) > MAX_REFUSED_ATTEMPTS) return "wrong attempts at a code are counted without end"
  const isDead = ({ expiresAt }: (typeof accessTokens)[number]) => !isLive(at as typeof expiresAt, expiresAt)
  return hasIssued && accessTokens.some(isDead) ? "an access token that has expired is kept with a new one" : undefined
}

export const StateIsBounded: Invariant = {
  name: "StateIsBounded",
  sentence: "Memory and rows follow the grants that live, not the traffic that was.",
  requirements: [],
  attacks: ["A39"],
  situation: "a refresh token is used in a grant of which an access token has expired",
  isAtStake: (before, { operation, reply }) => {
    if (operation._tag !== "Refresh" || reply._tag !== "Tokens") return false
    const grant = grantOf(before, operation)
    return before.accessTokens.some((token) => token.grant === grant && before.at >= token.expiresAt)
  },
  onMove: (before, operation, move) => {
    if (eventsOf(move).length === 0) return undefined
    const { state } = move.decided!
    const index = state.grant._tag === "Open" ? before.grants.indexOf(state.grant) : -1
    const grant = move.machine.grants[index]
    return grant && isOverfull(grant, before.at, eventsOfType(move, "AccessTokenIssued").length > 0)
  },
}

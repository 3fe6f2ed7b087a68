/** What the alphabets have in common: a policy, the clients, a request for much, and an alphabet that tries nothing. */
import { approving } from "../../Asking.ts"
import type { Lifetimes, Policy } from "../../Model.ts"
import { opening, policy as lived } from "../../Opening.ts"
import { TICK_MILLIS, type Alphabet } from "../Alphabet.ts"

const ticks = (lifetimes: Lifetimes): Lifetimes => ({
  code: lifetimes.code * TICK_MILLIS,
  accessToken: lifetimes.accessToken * TICK_MILLIS,
  refreshIdle: lifetimes.refreshIdle * TICK_MILLIS,
  grant: lifetimes.grant * TICK_MILLIS,
  retryWindow: lifetimes.retryWindow * TICK_MILLIS,
})

/** As short as may be with no two that could be mixed up: what matters is which end comes first, not when. */
export const policy: Policy = {
  ...lived,
  public: ticks({ retryWindow: 2, code: 1, accessToken: 3, refreshIdle: 4, grant: 5 }),
  confidential: ticks({ retryWindow: 1, code: 2, accessToken: 4, refreshIdle: 3, grant: 4 }),
}

export const nothing: Alphabet = {
  bounds: { grantCount: 1, liveAccessCount: 2, retryCount: 1, attemptCount: 1 },
  approvals: [],
  denials: [],
  hasSecondAnswers: false,
  redemptions: [],
  refreshes: [],
  revocations: [],
  revokers: [],
  credentials: [],
  exchanges: [],
  others: () => [],
  hasTime: false,
}

/** An issuer, a public and a confidential client. */
export const two = opening.slice(0, 3)
export const [PUBLIC, CONFIDENTIAL, NARROW] = [0, 1, 2]
export const [one, other] = policy.resources as readonly [string, string]

/** A request of the public client that asked for two scopes and two resources. */
export const wide = { scopes: ["read", "write"], resources: [one, other] } as const
export const approved = approving(0, wide)

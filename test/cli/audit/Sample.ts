/** What the audit says of a refresh token that two parties presented, for whatever shows it: every part has something. */
import type { Cause } from "../../../src/audit/asof/Causes.ts"
import type { EventLine, Explained, Explanation, Relative, Standing } from "../../../src/audit/index.ts"
import { momentOf } from "../../../src/core/index.ts"

/** Milliseconds since the epoch: so many minutes into 2030. */
export const minute = (count: number) => momentOf(Date.UTC(2030, 0, 1, 0, count))

export const DIGEST = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
export const GRANT = "0000000000000000000001"

export const lineOf = (position: number, given: Partial<EventLine> = {}): EventLine => ({
  position,
  at: minute(position),
  type: "RefreshTokenRotated",
  sentence: `event ${position} happened`,
  actor: "desk",
  actorName: "Desk <app>",
  clientName: null,
  correlationId: `request-${position}`,
  causationId: null,
  isRequestOriginSealed: false,
  ...given,
})

export const causeOf = (rule: string, given: Partial<Cause> = {}): Cause =>
  ({
    rule,
    sentence: `it ended by ${rule}`,
    isTheft: false,
    requirements: ["RULE-1", "RULE-2"],
    since: minute(5),
    positions: [5],
    ...given,
  }) as Cause

export const theft = causeOf("reused", { isTheft: true, since: minute(6), sentence: "two parties presented it" })

export const living: Standing = { status: "alive", until: minute(90), cause: null, others: [] }

export const relativeOf = (kind: Relative["kind"], position: number, given: Partial<Relative> = {}): Relative => ({
  kind,
  digest: `${position}`.padEnd(43, "d"),
  expiresAt: minute(60),
  generation: 2,
  position,
  ...given,
})

/** The token; `given` says otherwise. */
export const known = (given: Partial<Explained> = {}): Explained => ({
  isOurs: true,
  kind: "refresh token",
  id: DIGEST,
  grantId: GRANT,
  clientId: "desk",
  clientName: "Desk <app>",
  subjectId: "sub_1",
  asOf: { size: 9, at: minute(9) },
  standing: { status: "dead", until: null, cause: causeOf("rotated"), others: [theft, causeOf("expired")] },
  chain: [lineOf(6)],
  ancestry: [lineOf(2), lineOf(3, { actor: null, actorName: null })],
  presentations: [lineOf(5), lineOf(6)],
  untold: { generations: 0, presentations: 0 },
  descendants: [relativeOf("access token", 7)],
  siblings: [relativeOf("refresh token", 8)],
  grants: [],
  hasMoreGrants: false,
  next: [{ command: `grantlog history --grant ${GRANT}`, purpose: "everything that happened" }],
  proof: [{ command: "grantlog prove 6", purpose: "a proof" }],
  ...given,
})

/** Its client, which has two grants with something alive; `given` says otherwise. */
export const knownClient = (given: Partial<Explained> = {}): Explained =>
  known({
    kind: "client",
    id: "desk",
    grantId: null,
    subjectId: null,
    standing: living,
    chain: [],
    presentations: [],
    descendants: [],
    siblings: [],
    grants: ["sub_1", null].map((subjectId, index) => ({
      grantId: `grant-${index}`,
      clientId: "desk",
      clientName: "Desk <app>",
      subjectId,
      openedAt: minute(index),
      aliveCount: index + 1,
    })),
    ...given,
  })

/** What is said of a JWT that was asked about; its key names itself in a hostile way. */
export const jwt = { kid: "k\u001b1", signature: "verified", differing: ["aud"] } as const

export const notOurs: Extract<Explanation, { readonly isOurs: false }> = {
  isOurs: false,
  archived: null,
  asOf: { size: 0, at: momentOf(0) },
  sentence: "nothing",
  next: [],
  proof: [],
}

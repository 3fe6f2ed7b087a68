/** What is wrong with a ledger, each fault by its own name, and every promise that it breaks. */
import type { Tuning } from "./LedgerProvider.ts"

export type Faults = Readonly<Record<string, readonly [tuning: Tuning, broken: string]>>

/** Ends that reach too far. */
export const tooFar: Faults = {
  "ends everything of its client's user at a revocation": [
    { endsToo: (_other, _ended, cause) => cause === "revocation" },
    "OnlyTheOwnerCanHarm",
  ],
  "ends everything of the user at a replay": [
    { endsToo: (_other, _ended, cause) => cause === "replay" },
    "OnlyTheOwnerCanHarm",
  ],
  "ends everything of the user at a reuse": [
    { endsToo: (_other, _ended, cause) => cause === "reuse" },
    "OnlyTheOwnerCanHarm",
  ],
  "ends what was granted next to another client": [
    { endsToo: (other, ended) => other.id === ended.id + 1 && other.clientId !== ended.clientId },
    "OnlyTheOwnerCanHarm",
  ],
}

/** Ends that do not reach far enough. */
export const tooNear: Faults = {
  "lets what a refresh gave live on after a replay": [
    { spares: ({ generation }, { ended }) => ended?.cause === "replay" && generation > 0 },
    "ReplayKillsGrant",
  ],
  "lets the access tokens of refreshes live on after a reuse": [
    { spares: ({ kind, generation }, { ended }) => ended?.cause === "reuse" && kind === "access" && generation > 0 },
    "ReuseKillsGrant",
  ],
  "lets all but the newest access token live on after a revocation": [
    {
      spares: ({ kind, generation }, grant) =>
        grant.ended?.cause === "revocation" && kind === "access" && generation < grant.generation,
    },
    "RevocationIsFinal",
  ],
  "lets the refresh token live on after a replay": [
    { spares: ({ kind }, { ended }) => ended?.cause === "replay" && kind === "refresh" },
    "ReplayKillsGrant ExpiryIsExact",
  ],
  "lets the access tokens of refreshes live on after a revocation by access token": [
    { spares: ({ kind, generation }, { ended }) => ended?.by === "access" && kind === "access" && generation > 0 },
    "RevocationIsFinal",
  ],
  "lets the third access token live on after a revocation": [
    {
      spares: ({ kind, generation }, { ended }) =>
        ended?.cause === "revocation" && kind === "access" && generation === 2,
    },
    "RevocationIsFinal",
  ],
}

/** What is forgotten: for want of room, as time passes, or with the tenth of its kind. */
export const tooShort: Faults = {
  "has room for a hundred grants": [{ room: { grants: 100 } }, "OnlyTheOwnerCanHarm"],
  "has room for a hundred clients": [{ room: { clients: 100 } }, "OnlyTheOwnerCanHarm"],
  "has room for fifty ended grants": [{ room: { ends: 50 } }, "RevocationIsFinal"],
  "remembers for ten minutes what was ended": [
    { endSeconds: 600 },
    "RevocationIsFinal ReplayKillsGrant ReuseKillsGrant",
  ],
  "remembers for a day what was ended": [{ endSeconds: 86_400 }, "RevocationIsFinal ReplayKillsGrant ReuseKillsGrant"],
  "compares generations as texts": [
    { isSpent: (presented, current) => String(presented) < String(current) },
    "RotationIsLinear ReuseKillsGrant RetryIsIdempotent",
  ],
  "remembers six spent refresh tokens": [
    { isSpent: (presented, current) => presented < current && presented >= current - 6 },
    "RotationIsLinear ReuseKillsGrant",
  ],
}

/** What a restart loses. */
export const lostByRestart: Faults = {
  "forgets what was ended": [{ forgets: "ends" }, "RevocationIsFinal ReplayKillsGrant ReuseKillsGrant"],
  "forgets which codes were redeemed": [{ forgets: "spent codes" }, "CodeIsSingleUse RotationIsLinear"],
  "forgets which refresh tokens were spent": [{ forgets: "generations" }, "RotationIsLinear ReuseKillsGrant"],
}

/** What needs two calls at the same time. */
export const mixedUp: Faults = {
  "keeps what it approves where the next request finds it": [
    { sharing: "what is approved", sharedTurns: 1 },
    "ScopeNeverGrows AudienceNeverGrows",
  ],
  "keeps what it looks at where the next look finds it": [
    { sharing: "what is looked at", sharedTurns: 2 },
    "ScopeNeverGrows AudienceNeverGrows ConsentComesFirst",
  ],
  "looks whether an id is free before it takes it": [{ registrationTurns: 1 }, "ClientIdIsCreatedOnce"],
  "looks whether an id is free long before it takes it": [{ registrationTurns: 5 }, "ClientIdIsCreatedOnce"],
}

/** So much of it that what else is broken hangs on which calls meet. */
export const entangled: Faults = {
  "gives exchanges that run together one answer": [
    { sharing: "answers", sharedTurns: 1 },
    "ScopeNeverGrows AudienceNeverGrows ConsentComesFirst",
  ],
  "keeps what it exchanges where the next exchange finds it": [
    { sharing: "what is exchanged", sharedTurns: 1 },
    "ScopeNeverGrows AudienceNeverGrows ConsentComesFirst RevocationIsFinal",
  ],
}

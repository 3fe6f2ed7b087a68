/**
 * What is always tried: the situations in which each promise is usually broken, told in as few calls as it takes.
 *
 * Every trial starts with a fresh provider and ends with a look at everything that may be alive. A race is run in many
 * ways, one call getting further ahead of the other each time.
 */
import { approve, pass, passTo, redeem, refresh, register, revoke, verify } from "../../Drafting.ts"
import type { Draft } from "../../Drafts.ts"
import { policy as wishes } from "../../Opening.ts"
import type { Abilities } from "./Abilities.ts"
import { alone, atOnce, together, type Phase, type Start } from "./Plan.ts"
import { carelessTrials } from "./trials/Careless.ts"
import { chainTrials } from "./trials/Chains.ts"
import { crowdTrials } from "./trials/Crowds.ts"
import { forgedTrials } from "./trials/Forged.ts"
import { lastingTrials, restartTrials } from "./trials/Lasting.ts"
import { missTrials } from "./trials/Misses.ts"
import { reachTrials } from "./trials/Reach.ts"
import { timeTrials } from "./trials/Time.ts"
import { login, trial, type Trial } from "./trials/Trial.ts"
import { twoGrantsTrials } from "./trials/TwoGrants.ts"

const [one, two] = wishes.resources as readonly [string, string]

const restarted = (draft: Draft): Phase => ({ ...alone(draft), isAfterRestart: true })

/** How far one call gets ahead of the other: both at once, then more and more turns of either queue. */
const leads: ReadonlyArray<Start> = [
  atOnce,
  ...[false, true].flatMap((isMacro) =>
    Array.from({ length: isMacro ? 8 : 12 }, (_, index): Start => ({ turnCount: index + 1, isMacro })),
  ),
]

/** Two calls, each ahead of the other by every lead. */
const race = (name: string, promises: string, before: ReadonlyArray<Draft>, left: Draft, right: Draft) =>
  leads.flatMap((lead, index) => [
    trial(`${name}.${index}`, promises, ...before, together([left, right], [atOnce, lead])),
    trial(`${name}.${index}r`, promises, ...before, together([right, left], [atOnce, lead])),
  ])

/** Eight of the same, at once, one after the other by a turn, and by two. */
const crowd = (name: string, promises: string, before: ReadonlyArray<Draft>, draft: Draft) => {
  const spreads: ReadonlyArray<(index: number) => Start> = [
    () => atOnce,
    (index) => ({ turnCount: index, isMacro: false }),
    (index) => ({ turnCount: index, isMacro: true }),
    (index) => ({ turnCount: 2 * index, isMacro: true }),
  ]
  const drafts = Array.from({ length: 8 }, () => draft)
  return spreads.map((spread, number) =>
    trial(
      `${name}.${number}`,
      promises,
      ...before,
      together(
        drafts,
        drafts.map((_, index) => spread(index)),
      ),
    ),
  )
}

const wide = approve({ scopes: ["read", "write"] })

/** Those that need no time to pass. */
const timeless: ReadonlyArray<Trial> = [
  trial("code-twice", "CodeIsSingleUse ReplayKillsGrant", ...login, redeem()),
  trial("code-after-refresh", "CodeIsSingleUse ReplayKillsGrant", ...login, refresh(), redeem()),
  ...crowd("codes-at-once", "CodeIsSingleUse", [approve()], redeem()),
  ...race("code-race", "CodeIsSingleUse", [approve()], redeem(), redeem()),
  trial("code-by-another", "BoundMeansBound OnlyTheOwnerCanHarm", approve(), redeem({ by: 1 }), redeem()),
  trial("replay-by-another", "OnlyTheOwnerCanHarm", ...login, redeem({ by: 1 }), redeem({ by: 2 })),
  ...[0, 1].flatMap((client) => [
    trial(`code-wrong-verifier.${client}`, "BoundMeansBound", approve({ client }), redeem({ verifier: "wrong" })),
    trial(`code-without-verifier.${client}`, "BoundMeansBound", approve({ client }), redeem({ verifier: "absent" })),
    trial(`code-wrong-redirect.${client}`, "BoundMeansBound", approve({ client }), redeem({ redirectUri: "wrong" })),
  ]),
  trial("replay-wrong-verifier", "OnlyTheOwnerCanHarm", ...login, redeem({ verifier: "wrong" })),
  trial("replay-wrong-redirect", "OnlyTheOwnerCanHarm", ...login, redeem({ redirectUri: "wrong" })),
  trial("made-up", "ConsentComesFirst", redeem({ back: "made up" }), refresh("made up"), verify("made up")),
  trial("rotation", "RotationIsLinear", ...login, refresh(), refresh(), refresh()),
  trial("retry", "RetryIsIdempotent RotationIsLinear", ...login, refresh(), refresh(1)),
  ...crowd("refreshes-at-once", "RotationIsLinear RetryIsIdempotent", login, refresh()),
  ...race("refresh-race", "RotationIsLinear RetryIsIdempotent", login, refresh(), refresh()),
  trial("older-refresh", "ReuseKillsGrant", ...login, refresh(), refresh(), refresh(2)),
  trial(
    "narrowed-and-reused",
    "ReuseKillsGrant RotationIsLinear",
    wide,
    redeem(),
    refresh(0, { scopes: ["read"] }),
    refresh(),
    refresh(2),
  ),
  trial("refresh-by-another", "BoundMeansBound OnlyTheOwnerCanHarm", ...login, refresh(0, { by: 1 })),
  trial("spent-by-another", "OnlyTheOwnerCanHarm", ...login, refresh(), refresh(1, { by: 1 })),
  trial("older-by-another", "OnlyTheOwnerCanHarm", ...login, refresh(), refresh(), refresh(2, { by: 1 })),
  // A new login may end the one before; what goes on in it may not.
  trial("session-beside-session", "OnlyTheOwnerCanHarm", ...login, ...login, verify(1), refresh(), verify(1)),
  trial("refresh-wrong-key", "BoundMeansBound", approve(), redeem({ key: "k1" }), refresh(0, { key: "k2" })),
  trial(
    "narrowing",
    "ScopeNeverGrows RefreshKeepsTheGrant",
    wide,
    redeem(),
    refresh(0, { scopes: ["read"] }),
    verify(),
    refresh(),
    verify(),
  ),
  trial(
    "narrowing-then-other",
    "RefreshKeepsTheGrant",
    wide,
    redeem(),
    refresh(0, { scopes: ["read"] }),
    refresh(0, { scopes: ["write"] }),
    verify(),
    refresh(),
  ),
  ...[0, 1, 2].map((client) =>
    trial(
      `widening.${client}`,
      "ScopeNeverGrows",
      approve({ client }),
      redeem(),
      refresh(0, { scopes: ["read", "write"] }),
      verify(),
      refresh(0, { scopes: ["admin"] }),
      verify(),
    ),
  ),
  trial("other-resource", "AudienceNeverGrows", approve({ resources: [one] }), redeem({ resources: [two] }), verify()),
  trial(
    "wider-resources",
    "AudienceNeverGrows",
    approve({ resources: [one] }),
    redeem(),
    refresh(0, { resources: [one, two] }),
    verify(),
  ),
  trial(
    "fewer-resources",
    "AudienceNeverGrows",
    approve({ resources: [one, two] }),
    redeem({ resources: [one] }),
    verify(),
    refresh(0, { resources: [two] }),
    verify(),
    refresh(),
  ),
  trial(
    "resource-after-refresh",
    "AudienceNeverGrows",
    approve({ resources: [one] }),
    redeem({ resources: [one] }),
    verify(),
    refresh(),
    verify(),
    refresh(0, { resources: [one] }),
    verify(),
  ),
  trial(
    "resource-unnamed",
    "AudienceNeverGrows",
    approve({ resources: [one] }),
    redeem({ resources: [one] }),
    verify(),
    approve({ resources: [one] }),
    redeem(),
    verify(),
  ),
  trial("revoked-refresh", "RevocationIsFinal", ...login, refresh(), revoke("refresh"), refresh(), verify()),
  trial("revoked-spent-refresh", "RevocationIsFinal", ...login, refresh(), revoke("refresh", 1)),
  trial("revoked-access", "RevocationIsFinal", ...login, revoke("access"), verify(), refresh()),
  trial("revoked-by-another", "OnlyTheOwnerCanHarm", ...login, revoke("access", 0, 1), revoke("refresh", 0, 1)),
  ...race("refresh-beside-revocation", "RevocationIsFinal", login, refresh(), revoke("refresh")),
  ...race("refresh-beside-access-revocation", "RevocationIsFinal", login, refresh(), revoke("access")),
  ...race("code-beside-revocation", "RevocationIsFinal CodeIsSingleUse", login, redeem(), revoke("refresh")),
  trial("registered-again", "ClientIdIsCreatedOnce", register(0), ...login, register(0)),
]

/** Those for which the clock is turned. */
const timely: ReadonlyArray<Trial> = [
  trial("access-last-second", "ExpiryIsExact", ...login, passTo("access", -1), verify()),
  trial("access-at-its-end", "ExpiryIsExact", ...login, passTo("access", 0), verify()),
  trial("access-after-its-end", "ExpiryIsExact", ...login, passTo("access", 1), verify()),
  trial(
    "code-expiry",
    "ExpiryIsExact",
    approve(),
    passTo("code", -1),
    redeem(),
    approve(),
    passTo("code", 0),
    redeem(),
  ),
  trial("refresh-expiry", "ExpiryIsExact LifetimeNeverGrows", ...login, passTo("refresh", 0), refresh(), verify()),
  trial("expired-is-looked-at", "ReadsChangeNothing", ...login, passTo("access", 1), verify(), refresh()),
  trial(
    "expired-is-revoked-by-another",
    "OnlyTheOwnerCanHarm",
    ...login,
    passTo("access", 1),
    revoke("access", 0, 1),
    refresh(),
  ),
  trial("expired-code-replayed", "CodeIsSingleUse", ...login, passTo("code", 1), redeem(), verify(), refresh()),
  trial(
    "retry-after-window",
    "ReuseKillsGrant RotationIsLinear",
    ...login,
    refresh(),
    passTo("window", 1),
    refresh(1),
    refresh(),
  ),
]

/** Those in which a provider starts anew on what it has stored. */
const afterRestart: ReadonlyArray<Trial> = [
  trial("restart-code-twice", "CodeIsSingleUse ReplayKillsGrant", ...login, restarted(redeem())),
  trial("restart-older-refresh", "ReuseKillsGrant", ...login, refresh(), refresh(), restarted(refresh(2))),
  trial("restart-revoked", "RevocationIsFinal", ...login, revoke("refresh"), restarted(verify()), refresh()),
  trial(
    "restart-widening",
    "ScopeNeverGrows",
    ...login,
    restarted(refresh(0, { scopes: ["read", "write"] })),
    verify(),
  ),
  trial("restart-registered-again", "ClientIdIsCreatedOnce", restarted(register(0))),
  trial(
    "restart-login",
    "OnlyTheOwnerCanHarm",
    approve(),
    restarted(redeem()),
    restarted(refresh()),
    restarted(verify()),
  ),
]

/** So long before its end a token is alive whatever is rounded. */
const WELL_BEFORE_MILLIS = 5000

const wellBefore = (lifetime: number): Trial =>
  trial("access-before-its-end", "ExpiryIsExact", ...login, pass(Math.max(0, lifetime - WELL_BEFORE_MILLIS)), verify())

/** All that apply to a provider; what takes longest comes last. */
export const trialsFor = (abilities: Abilities, canRestart: boolean): ReadonlyArray<Trial> => {
  const { followsClock, policy } = abilities
  return [
    ...timeless,
    ...forgedTrials,
    ...reachTrials,
    ...carelessTrials(abilities),
    ...missTrials(abilities),
    ...(followsClock
      ? [wellBefore(policy.public.accessToken), ...timely, ...timeTrials(abilities), ...lastingTrials]
      : []),
    ...(canRestart ? [...afterRestart, ...restartTrials] : []),
    ...twoGrantsTrials,
    ...chainTrials,
    ...crowdTrials,
  ]
}

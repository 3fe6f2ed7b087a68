/**
 * What time does to a thing, whatever was done with it meanwhile: it ends when it was said to, also when it was used,
 * when somebody looks at it in the other way, and when the clock has stepped back since.
 *
 * While a clock is behind nothing is asked of what should be alive: that a server waits until its clock is right again
 * is no fault.
 */
import { approve, pass, passTo, redeem, refresh, revoke, verify } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import type { Abilities } from "../Abilities.ts"
import { odd, type Phase } from "../Plan.ts"
import { login, trial, type Trial } from "./Trial.ts"

const MINUTE = 60_000
const DAY = 86_400_000
/** More than rounding explains. */
const LITTLE = 10_000

const loaded = (draft: Draft): Phase => odd(draft, "through loadAccessToken")

/** While the clock is behind, and then right again. */
const behind = (...drafts: ReadonlyArray<Draft>): ReadonlyArray<Draft> => [
  pass(-30 * MINUTE),
  ...drafts,
  pass(30 * MINUTE),
]

const whateverItsLife: ReadonlyArray<Trial> = [
  trial("code-after-a-day", "ExpiryIsExact", approve(), pass(DAY + LITTLE), redeem()),
  trial("spent-behind", "CodeIsSingleUse", ...login, ...behind(redeem())),
  trial("replayed-behind", "ReplayKillsGrant", ...login, redeem(), verify(), ...behind(verify(), refresh())),
  trial("revoked-behind", "RevocationIsFinal", ...login, revoke("refresh"), verify(), ...behind(verify(), refresh())),
  trial("revoked-access-behind", "RevocationIsFinal", ...login, revoke("access"), verify(), ...behind(verify())),
]

const looked: ReadonlyArray<Trial> = [
  trial(
    "access-is-loaded-after-its-end",
    "ExpiryIsExact",
    ...login,
    passTo("access", 0),
    pass(LITTLE),
    loaded(verify()),
  ),
]

const rotating: ReadonlyArray<Trial> = [
  trial("older-refresh-behind", "ReuseKillsGrant", ...login, refresh(), refresh(), ...behind(refresh(2))),
  trial("reused-behind", "ReuseKillsGrant", ...login, refresh(), refresh(), refresh(2), ...behind(verify(), refresh())),
]

/** For whoever has a time of its own that never goes back: nothing may go by another. */
const kept: ReadonlyArray<Trial> = [
  trial(
    "access-ended-behind",
    "ExpiryIsExact",
    ...login,
    passTo("access", 0),
    pass(LITTLE),
    verify(),
    ...behind(verify()),
  ),
  trial(
    "code-ended-behind",
    "ExpiryIsExact",
    approve(),
    passTo("code", 0),
    pass(LITTLE),
    verify("made up"),
    ...behind(redeem()),
  ),
  trial(
    "refresh-ended-behind",
    "ExpiryIsExact",
    ...login,
    passTo("refresh", 0),
    pass(LITTLE),
    verify(),
    ...behind(refresh()),
  ),
]

/** `life`: of an access token, in milliseconds. */
const used = (life: number): ReadonlyArray<Trial> => [
  trial(
    "access-used-until-its-end",
    "ExpiryIsExact LifetimeNeverGrows",
    ...login,
    pass(life / 2),
    verify(),
    pass(life / 4),
    verify(),
    pass(life / 4 + LITTLE),
    verify(),
  ),
  trial(
    "access-refreshed-until-its-end",
    "ExpiryIsExact LifetimeNeverGrows",
    ...login,
    pass(life / 2),
    refresh(),
    verify(1),
    pass(life / 2 + LITTLE),
    verify(1),
  ),
]

/** Trials that turn the clock. */
export const timeTrials = ({ policy, isRotating, loadsAccess, keepsTime }: Abilities): ReadonlyArray<Trial> => {
  const { accessToken } = policy.public
  const wholeSeconds = Math.floor(accessToken / 4000) * 4000
  return [
    ...whateverItsLife,
    ...(loadsAccess ? looked : []),
    ...(keepsTime ? kept : []),
    ...(isRotating ? rotating : []),
    ...(Number.isFinite(accessToken) ? used(wholeSeconds) : []),
  ]
}

/**
 * What is ended stays so, for as long as what was ended would have lived: also when time passes, and after a restart.
 *
 * A list of what was revoked may be shorter than the life of what stands on it, or be kept where a restart forgets it.
 */
import { approve, pass, passTo, redeem, refresh, revoke, verify } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import { alone, type Phase } from "../Plan.ts"
import { login, trial, type Trial } from "./Trial.ts"

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Each way to end a grant: what it is about, and how it comes to it. */
const ends: Readonly<Record<string, readonly [promise: string, ...drafts: ReadonlyArray<Draft>]>> = {
  replayed: ["ReplayKillsGrant", ...login, refresh(), redeem()],
  reused: ["ReuseKillsGrant", ...login, refresh(), refresh(), refresh(2)],
  "revoked-refresh": ["RevocationIsFinal", ...login, refresh(), revoke("refresh")],
  "revoked-access": ["RevocationIsFinal", ...login, revoke("access")],
  "revoked-newest-access": ["RevocationIsFinal", ...login, refresh(), revoke("access")],
}

/** Access tokens are looked at while they would live, refresh tokens much later too. */
const later: ReadonlyArray<Trial> = Object.entries(ends).flatMap(([name, [promise, ...drafts]]) => [
  trial(`${name}-a-minute-later`, promise, ...drafts, pass(MINUTE + 1000), verify(), refresh()),
  trial(`${name}-until-its-end`, promise, ...drafts, passTo("access", -1), verify(), verify(1), refresh()),
  ...[HOUR, DAY, 6 * DAY].map((millis) =>
    trial(`${name}-${millis / HOUR}-h-later`, promise, ...drafts, pass(millis + 1000), refresh()),
  ),
])

/** What was spent is known as spent for as long as it would have been good for something. */
const spentLater: ReadonlyArray<Trial> = [
  trial("code-twice-until-its-end", "CodeIsSingleUse ReplayKillsGrant", ...login, passTo("code", -1), redeem()),
  ...[MINUTE, HOUR, DAY].map((millis) =>
    trial(
      `older-refresh-${millis / MINUTE}-min-later`,
      "ReuseKillsGrant RotationIsLinear",
      ...login,
      refresh(),
      refresh(),
      pass(millis + 1000),
      refresh(2),
    ),
  ),
]

const restarted = (draft: Draft): Phase => ({ ...alone(draft), isAfterRestart: true })

export const lastingTrials: ReadonlyArray<Trial> = [...later, ...spentLater]

/** Those in which a provider starts anew on what it has stored. */
export const restartTrials: ReadonlyArray<Trial> = [
  ...Object.entries(ends).flatMap(([name, [promise, ...drafts]]) => [
    trial(`restart-${name}`, promise, ...drafts, restarted(verify()), verify(1), refresh()),
    trial(`restart-${name}-refresh`, promise, ...drafts, restarted(refresh())),
  ]),
  // Between the steps of what ends it.
  trial("restart-replay", "ReplayKillsGrant CodeIsSingleUse", ...login, refresh(), restarted(redeem())),
  trial("restart-reuse", "ReuseKillsGrant", ...login, refresh(), restarted(refresh()), restarted(refresh(2))),
  trial("restart-revocation", "RevocationIsFinal", ...login, refresh(), restarted(revoke("refresh"))),
  trial("restart-revocation-of-access", "RevocationIsFinal", ...login, restarted(revoke("access"))),
  trial(
    "restart-others",
    "OnlyTheOwnerCanHarm",
    ...login,
    approve({ client: 2 }),
    restarted(redeem()),
    restarted(refresh(1)),
    verify(),
  ),
]

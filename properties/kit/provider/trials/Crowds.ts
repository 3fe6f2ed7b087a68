/**
 * Hundreds of others come and go: what lives goes on living, and what is dead or spent is still known to be.
 *
 * What they are given is looked at for whether it can be guessed (`Others.ts`).
 */
import { approve, redeem, refresh, revoke, verify } from "../../../Drafting.ts"
import { odd, type Phase } from "../Plan.ts"
import { login, trial, type Trial } from "./Trial.ts"

/** Of another client than those who are looked at, for a new login of the same one may end the one before. */
const crowd: Phase = odd(approve({ client: 2 }), "while hundreds of others come and go")

export const crowdTrials: ReadonlyArray<Trial> = [
  trial(
    "others-come-and-go",
    "NothingCanBeGuessed OnlyTheOwnerCanHarm",
    ...login,
    refresh(),
    approve({ client: 1 }),
    crowd,
    redeem({ back: 1 }),
    verify(1),
    verify(2),
    refresh(1),
  ),
  trial(
    "the-dead-after-others",
    "RevocationIsFinal ReplayKillsGrant ReuseKillsGrant",
    ...login,
    revoke("access"),
    ...login,
    revoke("refresh"),
    ...login,
    refresh(),
    ...login,
    refresh(),
    refresh(),
    crowd,
    verify(5),
    verify(6),
    refresh(5),
    redeem({ back: 2 }),
    verify(3),
    refresh(2),
  ),
]

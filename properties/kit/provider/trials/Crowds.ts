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
    "NothingCanBeGuessed OnlyTheOwnerCanHarm RevocationIsFinal ReplayKillsGrant ReuseKillsGrant",
    // Access token 0 and refresh token 1 are revoked, codes 2 and 3 spent, refresh token 4 too; code 4 is not.
    ...login,
    revoke("access"),
    ...login,
    revoke("refresh"),
    ...login,
    refresh(),
    ...login,
    refresh(),
    refresh(),
    approve({ client: 1 }),
    crowd,
    verify(),
    verify(3),
    redeem({ back: 1 }),
    verify(6),
    verify(7),
    refresh(6),
    redeem({ back: 3 }),
    verify(4),
    refresh(3),
  ),
]

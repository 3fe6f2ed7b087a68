/**
 * Long chains: what is right nine times has to be right the tenth time, and the first token of many is as spent as the
 * one before the last.
 */
import { redeem, refresh, revoke } from "../../../Drafting.ts"
import { login, trial, type Trial } from "./Trial.ts"

/** Beyond one digit, and beyond a dozen that somebody may keep. */
const LENGTH = 13

const refreshes = (count: number) => Array.from({ length: count }, () => refresh())

const chain = [...login, ...refreshes(LENGTH)] as const
/** So many refreshes, as many as there are digits in nine, ten and eleven. */
const around = [9, 10, 11]

export const chainTrials: ReadonlyArray<Trial> = [
  ...[2, 4, 7, 10, LENGTH].map((back) => trial(`chain-reused.${back}`, "ReuseKillsGrant", ...chain, refresh(back))),
  ...around.flatMap((count) => [
    trial(
      `chain-twice.${count}`,
      "RotationIsLinear RetryIsIdempotent",
      ...login,
      ...refreshes(count),
      refresh(1),
      refresh(),
    ),
    trial(`chain-older.${count}`, "ReuseKillsGrant", ...login, ...refreshes(count), refresh(2)),
  ]),
  trial("chain-replayed", "ReplayKillsGrant", ...chain, redeem()),
  trial("chain-revoked", "RevocationIsFinal", ...chain, revoke("refresh")),
  trial("chain-revoked-spent", "RevocationIsFinal", ...chain, revoke("refresh", LENGTH)),
  trial("chain-revoked-access", "RevocationIsFinal", ...chain, revoke("access", LENGTH)),
]

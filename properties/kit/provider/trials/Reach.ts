/**
 * How far an end reaches: to everything that came of its grant, however it came of it, and to nothing of anybody else.
 *
 * Others log in after whoever causes the end, so that only the end lies between them and the last look.
 */
import { approve, redeem, refresh, revoke } from "../../../Drafting.ts"
import type { Draft } from "../../../Drafts.ts"
import { login, trial, type Trial } from "./Trial.ts"

const loginOf = (client: number): ReadonlyArray<Draft> => [approve({ client }), redeem()]

/** Ends caused by `client`, with the logins of the others in between. */
const beyond = (client: number): ReadonlyArray<Trial> => {
  const others = [0, 1, 2].filter((other) => other !== client).flatMap(loginOf)
  const own = loginOf(client)
  const name = (what: string) => `${what}-beside-others.${client}`
  return [
    trial(name("replay"), "OnlyTheOwnerCanHarm ReplayKillsGrant", ...own, refresh(), ...others, redeem({ back: 2 })),
    trial(name("reuse"), "OnlyTheOwnerCanHarm ReuseKillsGrant", ...own, refresh(), refresh(), ...others, refresh(4)),
    trial(name("retry"), "OnlyTheOwnerCanHarm", ...own, refresh(), ...others, refresh(3)),
    trial(name("revoked-refresh"), "OnlyTheOwnerCanHarm RevocationIsFinal", ...own, ...others, revoke("refresh", 2)),
    trial(name("revoked-access"), "OnlyTheOwnerCanHarm RevocationIsFinal", ...own, ...others, revoke("access", 2)),
  ]
}

/** What a grant has given when its end comes: some refreshes, or a refresh that was asked for twice. */
const histories: Readonly<Record<string, ReadonlyArray<Draft>>> = {
  refreshed: [refresh(), refresh(), refresh()],
  retried: [refresh(), refresh(1), refresh()],
}

const whole = Object.entries(histories).flatMap(([history, drafts]): ReadonlyArray<Trial> => {
  const lived = [...login, ...drafts]
  const name = (what: string) => `${what}-${history}`
  return [
    trial(name("replay"), "ReplayKillsGrant", ...lived, redeem()),
    trial(name("reuse"), "ReuseKillsGrant", ...lived, refresh(2)),
    trial(name("reuse-of-first"), "ReuseKillsGrant", ...lived, refresh(drafts.length)),
    trial(name("revoked-refresh"), "RevocationIsFinal", ...lived, revoke("refresh")),
    ...[1, 2].map((back) =>
      trial(name(`revoked-spent-refresh.${back}`), "RevocationIsFinal", ...lived, revoke("refresh", back)),
    ),
    ...[0, 1, 2, 3].map((back) =>
      trial(name(`revoked-access.${back}`), "RevocationIsFinal", ...lived, revoke("access", back)),
    ),
  ]
})

export const reachTrials: ReadonlyArray<Trial> = [...beyond(0), ...beyond(1), ...whole]

/**
 * Whether a grant is alive: one definition for every decision; `projection/LiveAccess.ts` says the same in SQL.
 *
 * A grant is alive iff it is open and unexpired and issuer, client and subject still have the epochs it was opened
 * under. While its client is disabled it is suspended: alive, but giving nothing. Nothing is walked and no two clocks
 * are compared.
 */
import type { Epochs } from "./Event.ts"
import type { OpenGrant } from "./Grant.ts"
import type { State } from "./State.ts"
import { isLive, type EpochMillis } from "./Time.ts"

/** The epochs that a grant opened now would record; `undefined` without an issuer, a registered client or an enabled subject. */
export const currentEpochs = (state: Omit<State, "grant">, hasSubject: boolean): Epochs | undefined =>
  state.issuer._tag === "Initialized" &&
  state.client._tag === "Registered" &&
  (!hasSubject || state.subject.status === "enabled")
    ? { issuer: state.issuer.epoch, client: state.client.epoch, subject: hasSubject ? state.subject.epoch : null }
    : undefined

/** Whether issuer, client and subject still stand as they did when the grant was opened. */
//= RFC7662-4-all-state-checks
export const epochsHold = (state: State, grant: OpenGrant): boolean => {
  const now = currentEpochs(state, grant.subjectId !== null)
  return (
    now !== undefined &&
    now.issuer === grant.epochs.issuer &&
    now.client === grant.epochs.client &&
    now.subject === grant.epochs.subject
  )
}

/** Whether the grant can still issue anything. A disabled client suspends its grants without ending them. */
export const isGrantAlive = (state: State, now: EpochMillis): boolean =>
  state.grant._tag === "Open" && isLive(now, state.grant.expiresAt) && epochsHold(state, state.grant)

export const isClientEnabled = (state: Pick<State, "client">): boolean =>
  state.client._tag === "Registered" && state.client.status === "enabled"

/**
 * When the last thing of a grant dies by itself, were nothing more to happen: then its rows may be removed.
 * A denied or revoked grant died at the time of that event.
 */
export const diesAt = (grant: State["grant"]): EpochMillis | undefined => {
  switch (grant._tag) {
    case "Absent":
      return undefined
    case "Denied":
      return grant.deniedAt
    case "Revoked":
      return grant.revokedAt
    case "Open":
      return Math.max(
        grant.openedAt,
        grant.code !== null && grant.code.redeemedAt === null ? grant.code.expiresAt : 0,
        grant.refresh?.current.expiresAt ?? 0,
        ...grant.accessTokens.map((token) => token.expiresAt),
      ) as EpochMillis
  }
}

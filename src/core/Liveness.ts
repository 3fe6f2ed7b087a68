/**
 * Whether a grant is alive: one definition for every decision; `projection/LiveAccess.ts` says the same over rows.
 *
 * A grant is alive iff it is open and unexpired, issuer, client and subject still have the epochs it was opened under, and
 * every token that it came of is alive in the same sense. While its client is disabled, or that of anything it came of, it
 * is suspended: alive, but giving nothing. A grant names all that it came of, so nothing is walked, and no two clocks are
 * compared.
 */
import type { Ancestor, Epochs } from "./Event.ts"
import type { OpenGrant } from "./Grant.ts"
import type { AncestorState, State } from "./State.ts"
import { isLive, type EpochMillis } from "./Time.ts"

/** The epochs that a grant opened now would record; `undefined` without an issuer, a registered client or an enabled subject. */
export const currentEpochs = (
  state: Pick<State, "issuer" | "client" | "subject">,
  hasSubject: boolean,
): Epochs | undefined =>
  state.issuer._tag === "Initialized" &&
  state.client._tag === "Registered" &&
  (!hasSubject || state.subject.status === "enabled")
    ? { issuer: state.issuer.epoch, client: state.client.epoch, subject: hasSubject ? state.subject.epoch : null }
    : undefined

/** Whether issuer, client and subject still stand as they did when the grant was opened. */
//= RFC7662-4-all-state-checks
export const epochsHold = (state: Pick<State, "issuer" | "client" | "subject">, grant: OpenGrant): boolean => {
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
  state.grant._tag === "Open" &&
  stands(state, state.grant, now) &&
  ancestorsOf(state.grant).every(isAliveIn(state, now))

/** Whether the grant stands, all that it came of left aside. */
const stands = (state: Pick<State, "issuer" | "client" | "subject">, grant: OpenGrant, now: EpochMillis): boolean =>
  isLive(now, grant.expiresAt) && epochsHold(state, grant)

const NO_ANCESTORS: ReadonlyArray<Ancestor> = []

/** Every token that a grant came of, the nearest first. */
export const ancestorsOf = ({ descent }: Pick<OpenGrant, "descent">): ReadonlyArray<Ancestor> =>
  descent?.ancestors ?? NO_ANCESTORS

/** A token that something came of, as this state has it. */
export const ancestorIn = (
  { ancestors }: Pick<State, "ancestors">,
  { grantId, digest }: Ancestor,
): AncestorState | undefined => ancestors.find(({ named }) => named.grantId === grantId && named.digest === digest)

/** Whether a token that something came of is alive by itself; what it came of in turn is named beside it. */
// INVARIANT: what is named and not at hand is dead, so that nothing lives by not being read (AncestorsBound).
const isAliveIn =
  (state: State, now: EpochMillis) =>
  (named: Ancestor): boolean => {
    const ancestor = ancestorIn(state, named)
    if (ancestor === undefined) return false
    const { grant, client, subject } = ancestor
    return (
      grant._tag === "Open" &&
      stands({ issuer: state.issuer, client, subject }, grant, now) &&
      grant.accessTokens.some(({ digest, expiresAt }) => digest === named.digest && isLive(now, expiresAt))
    )
  }

/** Whether a token that is presented for another is alive, with all that it came of, and none of it is suspended. */
export const isPresentable = (state: State, named: Ancestor, now: EpochMillis): boolean => {
  const grant = ancestorIn(state, named)?.grant
  if (grant?._tag !== "Open") return false
  const line = [named, ...ancestorsOf(grant)]
  return line.every(isAliveIn(state, now)) && line.every((one) => isClientEnabled(ancestorIn(state, one)!))
}

export const isClientEnabled = (state: Pick<State, "client">): boolean =>
  state.client._tag === "Registered" && state.client.status === "enabled"

/** Whether nothing suspends the grant: its client is enabled, and so is that of everything it came of. */
export const isUnsuspended = (state: State): boolean =>
  isClientEnabled(state) &&
  (state.grant._tag !== "Open" ||
    ancestorsOf(state.grant).every((named) => {
      const ancestor = ancestorIn(state, named)
      return ancestor !== undefined && isClientEnabled(ancestor)
    }))

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

/**
 * Whether a thing is alive as of a moment, and until when; if it is not, since when and why.
 *
 * The core says whether it is alive (`core/Liveness.ts`); the events say why it is not.
 */
import {
  isClientEnabled,
  isGrantAlive,
  isLive,
  isUnsuspended,
  momentOf,
  type EpochMillis,
  type OpenGrant,
} from "../../core/index.ts"
import { causesOfGrant, causesOfToken, type Cause } from "./Causes.ts"
import type { StateAt } from "./StateAt.ts"
import { rules } from "./Reasons.ts"

/** Whether something is alive, and if not, since when and why. */
export interface Standing {
  /** `suspended` is what comes back when its client is enabled again; nothing else does. */
  readonly status: "alive" | "suspended" | "dead"
  /** When it expires, milliseconds since the epoch; `null` if it never expires or is dead. */
  readonly until: EpochMillis | null
  /** The first cause of its end, or the cause of its suspension; `null` for what is alive. */
  readonly cause: Cause | null
  /** What else would keep it from being alive. */
  readonly others: ReadonlyArray<Cause>
}

const standing = (isAlive: boolean, until: EpochMillis | null, causes: ReadonlyArray<Cause>): Standing => {
  if (isAlive) return { status: "alive", until, cause: null, others: [] }
  const cause = causes.find(({ isPassing }) => !isPassing) ?? causes[0] ?? null
  const status = cause?.isPassing === true ? "suspended" : "dead"
  return { status, until: status === "suspended" ? until : null, cause, others: causes.filter((one) => one !== cause) }
}

/** Something of a grant that can be presented: its code, its unspent refresh token, its access tokens. */
export interface LiveCredential {
  /** What it is. */
  readonly kind: "code" | "refresh token" | "access token"
  /** The SHA-256 of it, base64url. */
  readonly digest: string
  /** Milliseconds since the epoch. */
  readonly expiresAt: EpochMillis
}

const presentable = (grant: OpenGrant): ReadonlyArray<LiveCredential> => [
  ...(grant.code !== null && grant.code.redeemedAt === null
    ? [{ kind: "code" as const, digest: grant.code.digest, expiresAt: grant.code.expiresAt }]
    : []),
  ...(grant.refresh === null
    ? []
    : [
        {
          kind: "refresh token" as const,
          digest: grant.refresh.current.digest,
          expiresAt: grant.refresh.current.expiresAt,
        },
      ]),
  ...grant.accessTokens.map(({ digest, expiresAt }) => ({ kind: "access token" as const, digest, expiresAt })),
]

/** Everything of a grant that is alive, or would be if no client were disabled. */
export const liveOrSuspendedOf = ({ state, moment }: StateAt): ReadonlyArray<LiveCredential> =>
  state.grant._tag === "Open" && isGrantAlive(state, moment.at)
    ? presentable(state.grant).filter(({ expiresAt }) => isLive(moment.at, expiresAt))
    : []

/** Everything of a grant that is alive; what a disabled client suspends is not. */
export const aliveOf = (stateAt: StateAt): ReadonlyArray<LiveCredential> =>
  isUnsuspended(stateAt.state) ? liveOrSuspendedOf(stateAt) : []

/** How a code or token stands that this grant had issued by then. */
export const standingOfToken = (stateAt: StateAt, digest: string): Standing => {
  const alive = aliveOf(stateAt).find((one) => one.digest === digest)
  const { grant } = stateAt.state
  const until = grant._tag === "Open" ? presentable(grant).find((one) => one.digest === digest)?.expiresAt : undefined
  return standing(alive !== undefined, until ?? null, causesOfToken(stateAt, digest))
}

/** How a grant stands: whether anything may come of it. */
export const standingOfGrant = (stateAt: StateAt): Standing => {
  const { state, moment } = stateAt
  const isAlive = isGrantAlive(state, moment.at) && isUnsuspended(state)
  return standing(isAlive, state.grant._tag === "Open" ? state.grant.expiresAt : null, causesOfGrant(stateAt))
}

const since = (entries: StateAt["entries"]["client"], tag: string, rule: (typeof rules)[keyof typeof rules]): Cause => {
  const entry = entries.findLast(({ event }) => event._tag === tag)
  return {
    ...rule,
    since: momentOf(entry?.recordedAt ?? 0),
    positions: entry === undefined ? [] : [entry.position],
  }
}

export const standingOfClient = ({ state, entries }: StateAt): Standing => {
  if (state.client._tag === "Deleted") {
    return standing(false, null, [since(entries.client, "ClientDeleted", rules.clientGone)])
  }
  return isClientEnabled(state)
    ? standing(true, null, [])
    : standing(false, null, [since(entries.client, "ClientDisabled", rules.clientOff)])
}

export const standingOfSubject = ({ state, entries }: StateAt): Standing => {
  if (state.subject.status === "forgotten") {
    return standing(false, null, [since(entries.subject, "SubjectForgotten", rules.subjectGone)])
  }
  return state.subject.status === "enabled"
    ? standing(true, null, [])
    : standing(false, null, [since(entries.subject, "SubjectDisabled", rules.subjectOff)])
}

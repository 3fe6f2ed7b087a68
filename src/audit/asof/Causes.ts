/**
 * What keeps a grant, or something that came of it, from being alive: the rule, the requirement behind it, the events.
 *
 * The causes are read from the events alone. Whether a thing is alive is decided by the core (`Standing.ts`), not here.
 * A test holds the two against each other: what is not alive has a cause, and what is alive has none.
 */
import { momentOf, type EpochMillis, type GrantEnd } from "../../core/index.ts"
import type { Recorded } from "../../log/index.ts"
import type { EventOf, StateAt } from "./StateAt.ts"
import { rules, type Rule } from "./Reasons.ts"

/** Why something is not alive: the rule in a sentence, since when, and by which events. */
export interface Cause extends Rule {
  /** Milliseconds since the epoch. */
  readonly since: EpochMillis
  /** Positions of the events that led to it, oldest first. The list is empty where only time passed. */
  readonly positions: ReadonlyArray<number>
}

const cause = (rule: Rule, since: number, ...entries: ReadonlyArray<Recorded | undefined>): Cause => ({
  ...rule,
  since: momentOf(since),
  positions: entries.flatMap((entry) => (entry === undefined ? [] : [entry.position])),
})

const isType =
  <Tag extends Recorded["event"]["_tag"]>(tag: Tag) =>
  (entry: Recorded): entry is Recorded & { readonly event: EventOf<Tag> } =>
    entry.event._tag === tag

const endRules: Readonly<Record<GrantEnd, Rule>> = {
  code_replayed: rules.codeReplayed,
  refresh_token_reused: rules.refreshTokenReused,
  client: rules.revokedByClient,
  subject: rules.revokedBySubject,
  operator: rules.revokedByOperator,
}

/** By the events that raise a subject's epoch. */
const subjectRules: Readonly<Record<string, Rule>> = {
  SubjectSessionsRevoked: rules.subjectSessionsRevoked,
  SubjectDisabled: rules.subjectDisabled,
  SubjectForgotten: rules.subjectForgotten,
}

/** What led to the end of a grant: the presentation that proved a theft, and the first one of the same thing. */
const leadingTo = (entries: ReadonlyArray<Recorded>, end: GrantEnd): ReadonlyArray<Recorded | undefined> => {
  if (end === "code_replayed") {
    return [entries.find(isType("AuthorizationCodeRedeemed")), entries.find(isType("AuthorizationCodeReplayed"))]
  }
  if (end !== "refresh_token_reused") return []
  const reused = entries.find(isType("RefreshTokenReused"))
  const spent = entries.filter(isType("RefreshTokenRotated")).find(({ event }) => event.parent === reused?.event.digest)
  return [spent, reused]
}

/** What ended something that a token was exchanged for ended this as well. */
const inherited = (found: Cause): Cause => ({
  ...found,
  ...rules.ancestorEnded,
  sentence: `${rules.ancestorEnded.sentence}: ${found.sentence}`,
  isPassing: found.isPassing,
})

/** What keeps the whole grant from being alive, oldest first. */
export const causesOfGrant = ({ entries, opened, moment, state, raised, ancestors }: StateAt): ReadonlyArray<Cause> => {
  const causes: Array<Cause> = ancestors.flatMap(({ named, stateAt }) =>
    causesOfToken(stateAt, named.digest).map(inherited),
  )
  const denied = entries.grant.find(isType("GrantDenied"))
  if (denied !== undefined) causes.push(cause(rules.denied, denied.event.deniedAt, denied))
  const revoked = entries.grant.find(isType("GrantRevoked"))
  if (revoked !== undefined) {
    const { reason, revokedAt } = revoked.event
    causes.push(cause(endRules[reason], revokedAt, ...leadingTo(entries.grant, reason), revoked))
  }
  if (opened !== undefined) {
    const { expiresAt } = opened
    const { issuer, client, subject } = raised
    if (issuer !== undefined) causes.push(cause(rules.issuerEpochRaised, issuer.recordedAt, issuer))
    if (client !== undefined) causes.push(cause(rules.clientDeleted, client.recordedAt, client))
    if (subject !== undefined) {
      causes.push(cause(subjectRules[subject.event._tag]!, subject.recordedAt, subject))
    }
    if (moment.at >= expiresAt) causes.push(cause(rules.grantExpired, expiresAt))
  }
  if (state.client._tag === "Registered" && state.client.status === "disabled") {
    const disabled = entries.client.findLast(isType("ClientDisabled"))
    causes.push(cause(rules.clientDisabled, disabled?.recordedAt ?? moment.at, disabled))
  }
  return causes.toSorted(byTime)
}

const byTime = (left: Cause, right: Cause): number =>
  left.since - right.since || (left.positions.at(-1) ?? Infinity) - (right.positions.at(-1) ?? Infinity)

/** What keeps a code or token from being alive, oldest first: its own causes and its grant's. */
export const causesOfToken = (stateAt: StateAt, digest: string): ReadonlyArray<Cause> => {
  const { entries, moment } = stateAt
  const causes = [...causesOfGrant(stateAt)]
  for (const entry of entries.grant) {
    const { event } = entry
    switch (event._tag) {
      case "AuthorizationCodeIssued":
        if (event.digest !== digest) break
        causes.push(...spent(stateAt))
        if (moment.at >= event.expiresAt) causes.push(cause(rules.codeExpired, event.expiresAt))
        break
      case "AccessTokenIssued":
        if (event.digest !== digest) break
        if (moment.at >= event.expiresAt) causes.push(cause(rules.accessTokenExpired, event.expiresAt))
        break
      case "RefreshTokenIssued":
      case "RefreshTokenRotated":
        if (event._tag === "RefreshTokenRotated" && event.parent === digest) {
          causes.push(cause(rules.rotated, event.rotatedAt, entry))
        }
        if (event.digest === digest && moment.at >= event.expiresAt) {
          causes.push(cause(rules.refreshTokenExpired, event.expiresAt))
        }
        break
      case "AccessTokenRevoked":
        if (event.digest !== digest) break
        causes.push(
          cause(event.reason === "limit" ? rules.tooManyTokens : rules.accessTokenRevoked, event.revokedAt, entry),
        )
        break
      default:
        break
    }
  }
  return causes.toSorted(byTime)
}

const spent = ({ entries }: StateAt): ReadonlyArray<Cause> => {
  const redeemed = entries.grant.find(isType("AuthorizationCodeRedeemed"))
  return redeemed === undefined ? [] : [cause(rules.redeemed, redeemed.event.redeemedAt, redeemed)]
}

/**
 * Breaches: where a stream of events breaks a promise, as far as its events alone can show it.
 *
 * A log that this server wrote has none. A log that somebody edited and hashed again may have some. Each rule has the
 * name of its promise (`properties/invariants`). Promises that need replies or other streams to be judged are not here.
 */
import { evolve, initial, lifecycleOf, streamOf, type Event, type OpenGrant, type State } from "../../core/index.ts"
import type { Recorded } from "../../log/index.ts"

export interface Breach {
  readonly promise: string
  readonly position: number
  /** Whether something is missing after that entry, rather than wrong in it. */
  readonly isBehind: boolean
  /** What is wrong, in a sentence without a period. */
  readonly message: string
}

interface Step {
  /** What the events of this stream before this one fold to. */
  readonly before: State
  readonly event: Event
}

type Rule = (step: Step) => string | undefined

const openGrant = ({ before }: Step): OpenGrant | undefined => (before.grant._tag === "Open" ? before.grant : undefined)

const isWithin = (some: ReadonlyArray<string>, all: ReadonlyArray<string>): boolean =>
  some.every((one) => all.includes(one))

/** Whether the event gives something out, which a dead or unopened grant never does. */
const isGiving = ({ _tag }: Event): boolean =>
  _tag === "AuthorizationCodeIssued" ||
  _tag === "AuthorizationCodeRedeemed" ||
  _tag === "AccessTokenIssued" ||
  _tag === "RefreshTokenIssued" ||
  _tag === "RefreshTokenRotated" ||
  _tag === "RefreshTokenRetried"

/** The rules, by promise. */
const rules: Readonly<Record<string, Rule>> = {
  CodeIsSingleUse: (step) =>
    step.event._tag === "AuthorizationCodeRedeemed" && typeof openGrant(step)?.code?.redeemedAt === "number"
      ? "the code is redeemed a second time"
      : undefined,
  RotationIsLinear: (step) => {
    const { event } = step
    const current = openGrant(step)?.refresh?.current
    if (event._tag === "RefreshTokenIssued" && current !== undefined) {
      return "a refresh token is issued while the grant has an unspent one"
    }
    return event._tag === "RefreshTokenRotated" && event.parent !== current?.digest
      ? "a refresh token takes the place of one that is not the unspent one"
      : undefined
  },
  RevocationIsFinal: ({ before: { grant }, event }) =>
    isGiving(event) && (grant._tag === "Revoked" || grant._tag === "Denied")
      ? `something is given after the grant was ${grant._tag.toLowerCase()}`
      : undefined,
  ConsentComesFirst: ({ before: { grant }, event }) =>
    isGiving(event) && grant._tag === "Absent" ? "something is given that nobody approved" : undefined,
  RequestIsAnsweredOnce: ({ before: { grant }, event }) =>
    (event._tag === "GrantOpened" || event._tag === "GrantDenied") && grant._tag !== "Absent"
      ? "the request was answered before"
      : undefined,
  ScopeNeverGrows: (step) => {
    const grant = openGrant(step)
    return step.event._tag === "AccessTokenIssued" && grant && !isWithin(step.event.scopes, grant.scopes)
      ? "a token is for a scope that was not granted"
      : undefined
  },
  AudienceNeverGrows: (step) => {
    const grant = openGrant(step)
    return step.event._tag === "AccessTokenIssued" && grant && !isWithin(step.event.resources, grant.resources)
      ? "a token is for a resource that was not granted"
      : undefined
  },
  LifetimeNeverGrows: (step) => {
    const grant = openGrant(step)
    const { event } = step
    const isToken =
      event._tag === "AccessTokenIssued" || event._tag === "RefreshTokenIssued" || event._tag === "RefreshTokenRotated"
    return isToken && grant && event.expiresAt > grant.expiresAt ? "a token outlives its grant" : undefined
  },
  ClientIdIsCreatedOnce: ({ before: { client }, event }) =>
    event._tag === "ClientRegistered" && client._tag !== "Absent" ? "the client id was registered before" : undefined,
}

/** Any other order of events that the core never writes. */
const order: Rule = ({ before, event }) => {
  const lifecycle = lifecycleOf(event)
  if (lifecycle === "client" && event._tag !== "ClientRegistered" && before.client._tag === "Absent") {
    return "something happens to a client that was never registered"
  }
  return lifecycle === "issuer" && (event._tag === "IssuerInitialized") !== (before.issuer._tag === "Uninitialized")
    ? "the issuer is initialized twice, or something happens to it before"
    : undefined
}

const allRules: ReadonlyArray<readonly [string, Rule]> = [...Object.entries(rules), ["HistoryIsAppendOnly", order]]

/** Events that end a grant: the end is recorded together with them. */
const deadly = [
  ["ReplayKillsGrant", "AuthorizationCodeReplayed"],
  ["ReuseKillsGrant", "RefreshTokenReused"],
] as const

/** Folds the entries of one stream, all of them in order, and says what they break. */
export const breachesOf = (entries: ReadonlyArray<Recorded>): ReadonlyArray<Breach> => {
  const breaches: Array<Breach> = []
  let before = initial
  for (const { event, position, stream } of entries) {
    const report = (promise: string, message: string) => breaches.push({ promise, position, isBehind: false, message })
    if (streamOf(event) !== stream) report("HistoryIsAppendOnly", `the event is of the stream ${streamOf(event)}`)
    for (const [promise, rule] of allRules) {
      const message = rule({ before, event })
      if (message !== undefined) report(promise, message)
    }
    before = evolve(before, event)
  }
  for (const [promise, tag] of deadly) {
    const proof = entries.find(({ event }) => event._tag === tag)
    if (proof === undefined || before.grant._tag === "Revoked") continue
    const message = "the grant lives on after what should have ended it"
    breaches.push({ promise, position: proof.position, isBehind: true, message })
  }
  return breaches
}

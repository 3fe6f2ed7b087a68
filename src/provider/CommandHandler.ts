/**
 * The way of a command: read the rows, decide, append with the versions that were read; on a conflict, again.
 *
 * Nothing is ever sent twice: a conflict means that something happened, so the command is decided anew against it. What
 * could not be appended is not answered, and an outcome that nobody knows is never decided again. A claim that is taken is
 * no conflict: whoever comes second is told so at once.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import {
  decide,
  describedClient,
  isPublic,
  refused,
  streamOf,
  type ClientDescription,
  type Command,
  type Decision,
  type Event,
  type Reply,
} from "../core/index.ts"
import { NoStream, type AppendOutcome, type Check, type RowCheck, type StoreFault } from "../log/index.ts"
import { inlineProjection, rowChanges, type About, type Slice } from "../projection/index.ts"
import { unavailable, type OAuthError, type RateLimited, type Unavailable } from "./OAuthError.ts"
import { requestOriginSealer, sealedFor, type SealRequestOrigin } from "./RequestOrigin.ts"
import { mintEventId, mintRequestId, type Randomness } from "./Randomness.ts"
import type { ServerStore } from "./ServerStore.ts"
import type { SubjectKeys } from "./SubjectKeys.ts"
import type { Timekeeper } from "./Timekeeper.ts"
import type { SingleUse } from "./TokenRequests.ts"

/** The request that a command came with; every event it leads to names it. */
export const CorrelationId = Context.Reference<string | undefined>("grantlog/provider/CorrelationId", {
  defaultValue: () => undefined,
})

/** More conflicts in a row than any honest traffic causes: then the caller comes again. */
const MAX_TRIES = 64

export interface HandlerContext {
  readonly log: ServerStore
  readonly randomness: Randomness
  readonly time: Timekeeper
  /** Where the keys are that origins are sealed under; without them none are recorded. */
  readonly subjectKeys: SubjectKeys | undefined
  /** Told that claims were taken: those that have ended are removed now and then. */
  readonly onClaimed: Effect.Effect<void>
  /** Told that a command is decided again. */
  readonly onDecidedAgain: () => void
}

/** What one try came to: the reply, and the slice and command that it was decided on. */
export interface Executed<C extends Command> {
  readonly reply: Reply
  readonly slice: Slice
  readonly command: C
}

/** What stands between deciding and appending. */
export interface Conditions<E> {
  /**
   * Asked for what is about to be appended: a failure leaves everything as it was. What it gives is called if nothing
   * was appended after all.
   */
  readonly admit?: (reply: Reply, events: ReadonlyArray<Event>) => Effect.Effect<() => void, E>
  /** What rows must still say; what was decided on them is not decided again. */
  readonly rowChecks?: ReadonlyArray<RowCheck>
  /** What the client is by its document, which decides though nobody has approved it. */
  readonly document?: ClientDescription | undefined
  /** What is used up by this, whatever is decided of a caller that proved itself. */
  readonly claims?: ReadonlyArray<SingleUse>
}

const noClaims: ReadonlyArray<SingleUse> = []

export const execute = Effect.fnUntraced(function* <C extends Command, E extends RateLimited = never>(
  context: HandlerContext,
  about: About,
  actor: string | null,
  commandOn: (slice: Slice) => C | Effect.Effect<C, StoreFault>,
  { admit, rowChecks = [], document, claims = noClaims }: Conditions<E> = {},
): Effect.fn.Return<Executed<C>, OAuthError | Unavailable | E> {
  const { log, randomness, time, subjectKeys } = context
  const correlationId = (yield* CorrelationId) ?? mintRequestId(randomness)
  let conflict: { readonly stream: string; readonly expectedVersion: number } | undefined
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (tries > 0) context.onDecidedAgain()
    const slice = yield* orUnavailable(log.rows.slice(tries === 0 ? about : { ...about, isNewGrant: false }))
    const built = commandOn(slice)
    const command = Effect.isEffect(built) ? yield* orUnavailable(built) : built
    const { client } = slice.state
    const state =
      document === undefined ? slice.state : { ...slice.state, client: describedClient(client, document, command.at) }
    const { events, reply }: Decision = decide(state, command)
    if (events.length === 0) {
      if (claims.length > 0 && !isUnproven(reply, state)) yield* useUp(context, claims)
      return { reply, slice, command }
    }
    const appended = target(events, slice)
    if (conflict !== undefined && isStuck(conflict, appended)) {
      return { reply: refused("request-answered"), slice, command }
    }

    yield* requireClock(time)
    const takeBack = admit === undefined ? () => {} : yield* admit(reply, events)
    const sealRequestOrigin = yield* orUnavailable(
      requestOriginSealer(subjectKeys, randomness, sealedFor(events, slice.state)),
    )
    const outcome = yield* log.append({
      ...appended,
      events: proposals(events, () => mintEventId(randomness, command.at), { correlationId, actor }, sealRequestOrigin),
      rowChecks,
      claims,
      rows: rowChanges(slice, events),
      projection: inlineProjection.description,
      at: command.at,
    })
    if (outcome._tag === "Appended") {
      if (claims.length > 0) yield* context.onClaimed
      return { reply, slice, command }
    }
    if (outcome._tag !== "Unknown") takeBack()
    if (!isConflict(outcome)) return yield* notAppended(outcome, claims)
    conflict = outcome._tag === "WrongExpectedVersion" ? appended : undefined
  }
  return yield* unavailable("too many others are changing the same grant; try again")
})

/**
 * Who did not prove to be the client used up nothing, and neither did who got nothing from it under the name of a public
 * client, which is anybody: refusals of strangers are not to cost a write.
 */
const isUnproven = (reply: Reply, { client }: Slice["state"]): boolean =>
  reply._tag === "Refused" && (reply.error === "invalid_client" || client._tag !== "Registered" || isPublic(client))

/** A clock that cannot be believed stamps no entry. */
const requireClock = (time: Timekeeper): Effect.Effect<void, Unavailable> => {
  const fault = time.fault()
  return fault === undefined ? Effect.void : unavailable(fault, 60)
}

type NotAppended = Exclude<AppendOutcome, { _tag: "Appended" }>
type Conflict = Extract<AppendOutcome, { _tag: "WrongExpectedVersion" | "CheckFailed" }>

/** Something was appended meanwhile: what was decided may be decided otherwise now. */
const isConflict = (outcome: NotAppended): outcome is Conflict =>
  outcome._tag === "WrongExpectedVersion" || outcome._tag === "CheckFailed"

/** What whoever asked is told where deciding again would change nothing. */
const notAppended = (
  outcome: Exclude<NotAppended, Conflict>,
  claims: ReadonlyArray<SingleUse>,
): Effect.Effect<never, OAuthError | Unavailable> => {
  if (outcome._tag === "ClaimTaken") return Effect.fail(claims.find(({ key }) => key === outcome.key)!.refusal)
  if (outcome._tag === "RowCheckFailed") {
    return unavailable(`a row of ${outcome.table} changed meanwhile: what was decided on it does not hold`)
  }
  return unavailable(outcome.message, 1, "cause" in outcome ? outcome.cause : undefined)
}

/** A stream that never has an entry: claims that come with no event are appended to it. */
const CLAIMS_ONLY = "claims"

/** Takes claims by themselves, for what appends nothing else; fails with the refusal of the first that is taken. */
export const useUp = Effect.fnUntraced(function* (
  { log, time, onClaimed }: Pick<HandlerContext, "log" | "time" | "onClaimed">,
  claims: ReadonlyArray<SingleUse>,
): Effect.fn.Return<void, OAuthError | Unavailable> {
  yield* requireClock(time)
  const outcome = yield* log.append({
    stream: CLAIMS_ONLY,
    expectedVersion: NoStream,
    events: [],
    checks: [],
    claims,
    rows: [],
    projection: inlineProjection.description,
    at: time.now(),
  })
  if (outcome._tag === "Appended") return yield* onClaimed
  if (!isConflict(outcome)) return yield* notAppended(outcome, claims)
  return yield* unavailable(`the stream \`${CLAIMS_ONLY}\` has entries, which is for claims alone`)
})

/** The stream is there and its rows are not: a grant that was answered, died, and was removed from the rows. */
const isStuck = (conflict: { readonly stream: string; readonly expectedVersion: number }, now: typeof conflict) =>
  now.expectedVersion === 0 && conflict.expectedVersion === 0 && now.stream === conflict.stream

/** The stream that the events belong to, and as checks every other stream that the decision was based on. */
const target = (events: ReadonlyArray<Event>, { versions, streams, ancestry }: Slice) => {
  const stream = streamOf(events[0]!)
  const lifecycles = ["issuer", "client", "subject", "grant"] as const
  const own = lifecycles.find((lifecycle) => streams[lifecycle] === stream)!
  // Only a grant depends on others; what a client or subject does is its own affair.
  const others = own === "grant" ? (["issuer", "client", "subject"] as const) : []
  const checks = others.flatMap((lifecycle): ReadonlyArray<Check> => {
    const checked = streams[lifecycle]
    return checked === undefined ? [] : [{ stream: checked, version: versions[lifecycle] }]
  })
  if (own !== "grant" || ancestry.length === 0) return { stream, expectedVersion: versions[own], checks }
  // INVARIANT: what a grant comes of is as it was when that was decided (AncestorsBound).
  const all = new Map([...checks, ...ancestry].map((check) => [check.stream, check]))
  return { stream, expectedVersion: versions[own], checks: [...all.values()] }
}

/** Every event after the first of an append was caused by the first, which alone carries where all of it came from. */
const proposals = (
  events: ReadonlyArray<Event>,
  mintId: () => string,
  envelope: { readonly correlationId: string; readonly actor: string | null },
  sealRequestOrigin: SealRequestOrigin,
) => {
  const first = mintId()
  return events.map((event, index) => {
    return index === 0
      ? { ...envelope, event, id: first, causationId: null, sealed: sealRequestOrigin(first) }
      : { ...envelope, event, id: mintId(), causationId: first, sealed: null }
  })
}

/** A store that cannot be read now: the sentence goes to the operator, the caller comes again. */
export const orUnavailable = <A>(effect: Effect.Effect<A, StoreFault>): Effect.Effect<A, Unavailable> =>
  Effect.mapError(effect, (fault) => unavailable(fault.message, 1, fault.cause))

/**
 * Retry salts: one for each rotation, to be had again while a lost reply may be asked for, and by nobody afterwards.
 *
 * A salt is a MAC over grant and generation under the secret of the period that the rotation fell into. The secret is
 * durable before the rotation is appended and is destroyed five seconds, at most, after the window of the last one in it
 * has ended. Where it was lost, the successor cannot be computed again: never a reason to end anything. The secret of
 * the newest period is remembered, so that the store is asked once a period.
 */
import { createHmac } from "node:crypto"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type { Digest, Generation, GrantId, Millis } from "../core/index.ts"
import { saltBefore, type StoreFault } from "../log/index.ts"
import type { Randomness } from "./Randomness.ts"
import type { ServerStore } from "./ServerStore.ts"
import type { Timekeeper } from "./Timekeeper.ts"

/** So many share a secret: long enough that a busy server seldom makes one, short against the grace. */
const PERIOD_MILLIS = 2000
/** How long after the window has ended a secret is there at most. */
const GRACE_MILLIS = 5000
const SECRET_BYTES = 32
const SALT_BYTES = 16

export interface Rotation {
  readonly grantId: GrantId
  /** Of the successor. */
  readonly generation: Generation
  readonly rotatedAt: number
}

export interface RetrySalts {
  /** The salt of a rotation that is about to be decided, durable. `kind` tells windows of different length apart. */
  readonly make: (rotation: Rotation, kind: string, window: Millis) => Effect.Effect<Uint8Array, StoreFault>
  /** The salt that a rotation was made with, by what it leads to; `undefined` where it was destroyed or lost. */
  readonly find: (
    rotation: Rotation & { readonly digest: Digest },
    leadsTo: (salt: Uint8Array) => boolean,
  ) => Effect.Effect<Uint8Array | undefined, StoreFault>
  /** Destroys what ended while nobody was there, and goes on with the rest as it ends. */
  readonly start: Effect.Effect<void, StoreFault>
}

export const saltOf = (
  secret: string,
  { grantId, generation }: { readonly grantId: string; readonly generation: number },
): Uint8Array =>
  createHmac("sha256", Buffer.from(secret, "base64url"))
    .update(`${grantId}\0${generation}`)
    .digest()
    .subarray(0, SALT_BYTES)

const periodOf = ({ rotatedAt }: Rotation): number => Math.floor(rotatedAt / PERIOD_MILLIS)

export interface RetrySaltsOptions {
  readonly log: ServerStore
  readonly randomness: Randomness
  readonly time: Timekeeper
  readonly clock: Clock.Clock
  /** Told why a secret could not be destroyed yet. */
  readonly onFault: (fault: StoreFault) => void
}

export const retrySalts = ({ log, randomness, time, clock, onFault }: RetrySaltsOptions): RetrySalts => {
  const { retrySecrets } = log
  const watch = retrySecrets.watch({ now: time.now, sleep: unreferencedSleep(clock), onFault })
  const newSecret = () => Buffer.from(randomness.bytes(SECRET_BYTES)).toString("base64url")
  /** What was kept last, by kind: it ends much later than the period does in which it is used. */
  const newest = new Map<string, { readonly secret: string; readonly endsAt: number }>()

  const keep = (period: number, kind: string, endsAt: number, now: number): Effect.Effect<string, StoreFault> =>
    retrySecrets.keep({ period, kind, secret: newSecret(), endsAt }, now).pipe(
      Effect.tap(() => watch),
      Effect.tap((secret) => Effect.sync(() => newest.set(kind, { secret, endsAt }))),
    )

  return {
    make: (rotation, kind, window) => {
      // Nobody may ask for it again.
      if (window === 0) return Effect.sync(() => saltOf(newSecret(), rotation))
      const period = periodOf(rotation)
      const endsAt = period * PERIOD_MILLIS + window + GRACE_MILLIS
      const known = newest.get(kind)
      return known?.endsAt === endsAt
        ? Effect.succeed(saltOf(known.secret, rotation))
        : Effect.map(keep(period, kind, endsAt, rotation.rotatedAt), (secret) => saltOf(secret, rotation))
    },
    find: Effect.fnUntraced(function* (rotation, leadsTo) {
      const kept = yield* retrySecrets.find(periodOf(rotation))
      const salt = kept.map((secret) => saltOf(secret, rotation)).find(leadsTo)
      if (salt !== undefined) return salt
      const recorded = yield* saltBefore(log, rotation.digest)
      return recorded !== undefined && leadsTo(recorded) ? recorded : undefined
    }),
    start: Effect.andThen(
      Effect.suspend(() => retrySecrets.destroy(time.now())),
      watch,
    ),
  }
}

const liveClock = Context.get(Context.empty(), Clock.Clock)

/** Sleeps by a clock; by the real one without keeping the process from ending. */
const unreferencedSleep =
  (clock: Clock.Clock) =>
  (millis: number): Effect.Effect<void> =>
    clock === liveClock
      ? Effect.callback((resume) => {
          const timer = setTimeout(() => resume(Effect.void), millis).unref()
          return Effect.sync(() => clearTimeout(timer))
        })
      : Effect.provideService(Effect.sleep(millis), Clock.Clock, clock)

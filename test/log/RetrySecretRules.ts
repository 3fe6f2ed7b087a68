/** What a store promises of retry secrets: one for a period and kind, there until it ends and not a moment longer. */
import { Clock, Effect } from "effect"
import { TestClock } from "effect/testing"
import { describe, expect, it } from "vitest"
import type { RetrySecret } from "../../src/log/index.ts"
import type { OpenEmpty } from "./LogSuite.ts"
import type { TestStore } from "./Samples.ts"

const run = Effect.runPromise

export const secretOf = (period: number, over: Partial<RetrySecret> = {}): RetrySecret => ({
  period,
  kind: "public",
  secret: `secret-of-${period}`.padEnd(43, "_"),
  endsAt: period * 10,
  ...over,
})

const keep = (log: TestStore, ...secrets: ReadonlyArray<RetrySecret>) =>
  run(Effect.forEach(secrets, (one) => log.retrySecrets.keep(one, 0)))
const left = async (log: TestStore, ...periods: ReadonlyArray<number>) =>
  (await run(Effect.forEach(periods, log.retrySecrets.find))).map((found) => found.length)

export const retrySecretRules = (openEmpty: OpenEmpty): void => {
  describe("a retry secret", () => {
    it("is the first that was proposed for its period and kind, and is found by its period", async () => {
      const { retrySecrets } = openEmpty()
      const [first, other] = [secretOf(1), secretOf(1, { kind: "confidential", secret: "other".padEnd(43, "_") })]
      expect(await run(retrySecrets.find(1))).toEqual([])
      expect(await run(retrySecrets.keep(first, 0))).toBe(first.secret)
      expect(await run(retrySecrets.keep(secretOf(1, { secret: "late" }), 0))).toBe(first.secret)
      expect(await run(retrySecrets.keep(other, 0))).toBe(other.secret)
      expect((await run(retrySecrets.find(1))).toSorted()).toEqual([other.secret, first.secret].toSorted())
      expect(await run(retrySecrets.find(2))).toEqual([])
    })

    it("is destroyed when it ends, not before, whatever the others do", async () => {
      const log = openEmpty()
      const { retrySecrets } = log
      expect(await run(retrySecrets.destroy(1000))).toBeUndefined()
      await keep(log, secretOf(3), secretOf(1), secretOf(2), secretOf(2, { kind: "confidential", endsAt: 40 }))
      expect(await run(retrySecrets.destroy(9))).toBe(10)
      expect(await left(log, 1, 2, 3)).toEqual([1, 2, 1])
      expect(await run(retrySecrets.destroy(20))).toBe(30)
      expect(await left(log, 1, 2, 3)).toEqual([0, 1, 1])
      expect(await run(retrySecrets.destroy(39))).toBe(40)
      expect(await run(retrySecrets.destroy(1000))).toBeUndefined()
      expect(await left(log, 1, 2, 3)).toEqual([0, 0, 0])
    })

    it("goes with the next one that is kept, if it ended by then", async () => {
      const log = openEmpty()
      await keep(log, ...Array.from({ length: 200 }, (_, period) => secretOf(period, { endsAt: 10 })))
      await run(log.retrySecrets.keep(secretOf(500, { endsAt: 5000 }), 9))
      expect(await left(log, 0, 199, 500)).toEqual([1, 1, 1])
      await run(log.retrySecrets.keep(secretOf(501, { endsAt: 5000 }), 10))
      expect(await left(log, 0, 100, 199, 500, 501)).toEqual([0, 0, 0, 1, 1])
    })

    it("stays for as long as whoever keeps it longest", async () => {
      const log = openEmpty()
      await keep(log, secretOf(1), secretOf(1, { endsAt: 50 }), secretOf(1, { endsAt: 20 }))
      expect(await run(log.retrySecrets.destroy(49))).toBe(50)
      expect(await run(log.retrySecrets.destroy(50))).toBeUndefined()
    })

    it("is destroyed in time where nothing else happens, and what is kept later as well", async () => {
      const log = openEmpty()
      const { retrySecrets } = log
      const faults: Array<unknown> = []
      const ending = (period: number) => secretOf(period, { endsAt: period * 10_000 })
      const found = (period: number) => Effect.map(retrySecrets.find(period), (secrets) => secrets.length)
      /** A store elsewhere destroys it a few turns later than it wakes up. */
      const isGone = (period: number) =>
        Effect.repeat(
          Effect.tap(found(period), () => TestClock.adjust(1)),
          { until: (count) => count === 0, times: 1000 },
        )
      await Effect.gen(function* () {
        const clock = yield* Clock.Clock
        const watch = retrySecrets.watch({
          now: () => clock.currentTimeMillisUnsafe(),
          sleep: Effect.sleep,
          onFault: (fault) => faults.push(fault),
        })
        for (const period of [1, 2]) yield* retrySecrets.keep(ending(period), 0)
        yield* watch
        yield* watch
        yield* TestClock.setTime(9_999)
        expect([yield* found(1), yield* found(2)]).toEqual([1, 1])
        yield* TestClock.setTime(10_000)
        expect([yield* isGone(1), yield* found(2)]).toEqual([0, 1])
        yield* TestClock.setTime(20_000)
        expect(yield* isGone(2)).toBe(0)

        yield* retrySecrets.keep(ending(20), 30_000)
        yield* watch
        yield* TestClock.setTime(199_999)
        expect(yield* found(20)).toBe(1)
        yield* TestClock.setTime(200_000)
        expect(yield* isGone(20)).toBe(0)
        expect(faults).toEqual([])
      }).pipe(Effect.provide(TestClock.layer()), run)
    })

    it("is not to be had from a log that is closed, which nobody watches any more", async () => {
      const log = openEmpty()
      await keep(log, secretOf(1))
      await run(log.close)
      for (const asked of [
        log.retrySecrets.find(1),
        log.retrySecrets.keep(secretOf(2), 0),
        log.retrySecrets.destroy(0),
      ]) {
        expect(await run(Effect.flip(asked as Effect.Effect<unknown, { readonly reason: string }>))).toMatchObject({
          reason: "closed",
        })
      }
      await run(
        log.retrySecrets.watch({
          now: () => 0,
          sleep: () => Effect.die("watched"),
          onFault: (fault) => expect.fail(fault.message),
        }),
      )
    })

    it("is no part of the log, of its rows, or of what a rebuild puts right", async () => {
      const log = openEmpty()
      await keep(log, secretOf(1))
      expect(await run(log.head)).toMatchObject({ size: 0 })
      expect(await run(log.rebuild())).toMatchObject({ rowCount: 0, differingRowCount: 0 })
      expect(await left(log, 1)).toEqual([1])
    })
  })
}

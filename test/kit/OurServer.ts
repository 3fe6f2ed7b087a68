/** Our server by the clock of a check, which it would not believe to jump. */
import { Clock, Effect } from "effect"
import type { World } from "../../properties/index.ts"
import { ephemeralKeys, liveRandomness, makeServer, memoryStore, type Config } from "../../src/provider/index.ts"

export const serverBy = ({ now }: World, config: Config) => {
  const startMillis = now()
  const elapsed = () => now() - startMillis
  const nanos = (millis: number) => BigInt(millis) * 1_000_000n
  const clock: Clock.Clock = {
    currentTimeMillisUnsafe: now,
    currentTimeMillis: Effect.sync(now),
    currentTimeNanosUnsafe: () => nanos(now()),
    currentTimeNanos: Effect.sync(() => nanos(now())),
    monotonicTimeNanosUnsafe: () => nanos(elapsed()),
    monotonicTimeNanos: Effect.sync(() => nanos(elapsed())),
    sleep: () => Effect.never,
  }
  const server = makeServer({
    store: memoryStore(),
    keys: ephemeralKeys(),
    randomness: { bytes: liveRandomness.bytes, upMillis: elapsed },
    config,
  })
  return Effect.runPromise(Effect.provideService(server, Clock.Clock, clock))
}

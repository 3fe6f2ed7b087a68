/**
 * Any `KeyValueStore` of effect as a place for credentials.
 *
 * Such a store knows neither time nor locks: the end of a value is kept beside it, and whoever shares the store with
 * other processes needs another one.
 */
import * as Effect from "effect/Effect"
import type { KeyValueStore } from "effect/persistence/KeyValueStore"
import { endOf, machineTime, readDated, writeDated } from "./Expiry.ts"
import type { KeyValue } from "./KeyValue.ts"
import { StorageError } from "./StorageError.ts"

export interface FromKeyValueStoreOptions {
  /** The time in ms since the epoch; the machine's unless given. */
  readonly now?: () => number
}

/** Exclusive within this process only, and only among those who share what is given back: make it once. */
export const fromKeyValueStore = (
  store: KeyValueStore,
  { now = machineTime }: FromKeyValueStoreOptions = {},
): KeyValue => {
  const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> =>
    Effect.runPromise(effect).catch((cause: unknown) => {
      const message = "the key-value store failed: see the cause, mend it and try again"
      throw new StorageError({ code: "unavailable", message, cause })
    })
  return {
    get: async (key) => {
      const text = await run(store.get(key))
      return text === undefined ? undefined : readDated(text, key, now(), "a value in the key-value store")
    },
    set: async (key, value, { ttlSeconds } = {}) =>
      run(store.set(key, writeDated(key, value, endOf(now(), ttlSeconds)))),
    delete: (key) => run(store.remove(key)),
  }
}

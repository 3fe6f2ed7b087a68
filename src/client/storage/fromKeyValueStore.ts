/**
 * A key-value store whose methods give programs to be run, such as Effect's `KeyValueStore`, as a place for credentials.
 *
 * Such a store knows neither time nor locks: the end of a value is kept beside it, and whoever shares the store with
 * other processes needs another one. Effect itself is not imported: who has such a store knows how to run its programs.
 */
import { machineTime } from "../../outbound/index.ts"
import { isText } from "../LenientReading.ts"
import { endOf, readDated, writeDated } from "./Expiry.ts"
import type { KeyValue } from "./KeyValue.ts"
import { StorageError } from "./StorageError.ts"

/** The part of Effect's `KeyValueStore` that is used here. */
export interface ProgramStore<Get, Set, Remove> {
  /** Gives the text under a key, or `undefined`. */
  readonly get: (key: string) => Get
  /** Keeps a text under a key. */
  readonly set: (key: string, value: string) => Set
  /** Forgets what is under a key. */
  readonly remove: (key: string) => Remove
}

/** How the programs of a store that is adapted are run, and its clock. */
export interface FromKeyValueStoreOptions<Get, Set, Remove> {
  /** Runs a program of the store: `Effect.runPromise`. */
  readonly run: ((get: Get) => Promise<unknown>) &
    ((set: Set) => Promise<unknown>) &
    ((remove: Remove) => Promise<unknown>)
  /** The time in milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
}

/**
 * Exclusive within this process only, and only among those who share what is given back: make it once.
 *
 * @example
 * import { fromKeyValueStore } from "grantlog/client"
 *
 * const texts = new Map<string, string>()
 * const store = {
 *   get: async (key: string) => texts.get(key),
 *   set: async (key: string, value: string) => void texts.set(key, value),
 *   remove: async (key: string) => void texts.delete(key),
 * }
 * // Of a store in effect, `run` is `Effect.runPromise`.
 * const keyValue = fromKeyValueStore(store, { run: (program: Promise<unknown>) => program })
 * await keyValue.set("key", "value")
 */
export const fromKeyValueStore = <Get, Set, Remove>(
  store: ProgramStore<Get, Set, Remove>,
  { run, now = machineTime }: FromKeyValueStoreOptions<Get, Set, Remove>,
): KeyValue => {
  const failed = (cause: unknown): never => {
    const message = "the key-value store failed: see the cause, mend it and try again"
    throw new StorageError({ code: "unavailable", message, cause })
  }
  return {
    get: async (key) => {
      const text = await run(store.get(key)).catch(failed)
      return isText(text) ? readDated(text, key, now(), "a value in the key-value store") : undefined
    },
    set: async (key, value, { ttlSeconds } = {}) =>
      void (await run(store.set(key, writeDated(key, value, endOf(now(), ttlSeconds)))).catch(failed)),
    delete: async (key) => void (await run(store.remove(key)).catch(failed)),
  }
}

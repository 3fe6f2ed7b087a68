/** Texts in memory: for one process, as long as it lives. */
import { machineTime } from "../../outbound/index.ts"
import { endOf, hasEnded } from "./Expiry.ts"
import type { KeyValue } from "./KeyValue.ts"
import { makeKeyedMutex } from "./KeyedMutex.ts"

/** The clock of a store in memory, for tests. */
export interface MemoryKeyValueOptions {
  /** The time in milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
}

/**
 * A key-value store that is gone with the process.
 *
 * @example
 * import { memoryKeyValue } from "grantlog/client"
 *
 * const store = memoryKeyValue()
 * await store.set("name", "value")
 */
export const memoryKeyValue = ({ now = machineTime }: MemoryKeyValueOptions = {}): Required<KeyValue> => {
  const stored = new Map<string, { readonly value: string; readonly expiresAt: number | undefined }>()
  const mutex = makeKeyedMutex()
  const read = (key: string): string | undefined => {
    const found = stored.get(key)
    if (found === undefined || !hasEnded(found.expiresAt, now())) return found?.value
    stored.delete(key)
    return undefined
  }
  const write = (key: string, value: string, ttlSeconds: number | undefined) =>
    void stored.set(key, { value, expiresAt: endOf(now(), ttlSeconds) })
  return {
    get: async (key) => read(key),
    set: async (key, value, { ttlSeconds } = {}) => write(key, value, ttlSeconds),
    delete: async (key) => void stored.delete(key),
    compareAndSet: async (key, expected, next, { ttlSeconds } = {}) => {
      if (read(key) !== expected) return false
      if (next === undefined) stored.delete(key)
      else write(key, next, ttlSeconds)
      return true
    },
    withLock: mutex.run,
  }
}

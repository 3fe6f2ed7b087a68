/**
 * What was used recently, up to a bounded amount; the rest is dropped.
 *
 * There are two generations. A value that is used moves to the younger one. When the younger generation has half of the
 * room, it becomes the older one, and the older one is dropped. So most uses move nothing.
 */

export interface Recent<Key, Value> {
  readonly get: (key: Key) => Value | undefined
  /** Returns the value. */
  readonly keep: (key: Key, value: Value) => Value
  readonly forget: (key: Key) => void
}

/** `room` for values of these sizes, each above nothing. */
export const makeRecent = <Key, Value>(
  room: number,
  sizeOf: (value: Value) => number = () => 1,
): Recent<Key, Value> => {
  let young = new Map<Key, Value>()
  let old = new Map<Key, Value>()
  let youngSize = 0

  const keep = (key: Key, value: Value): Value => {
    const before = young.get(key)
    young.set(key, value)
    youngSize += sizeOf(value) - (before === undefined ? 0 : sizeOf(before))
    if (youngSize > room / 2) {
      old = young
      young = new Map()
      youngSize = 0
    }
    return value
  }
  return {
    get: (key) => {
      const value = young.get(key)
      if (value !== undefined) return value
      const older = old.get(key)
      return older === undefined ? undefined : keep(key, older)
    },
    keep,
    forget: (key) => {
      const value = young.get(key)
      if (value !== undefined) youngSize -= sizeOf(value)
      young.delete(key)
      old.delete(key)
    },
  }
}

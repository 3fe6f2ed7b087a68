/**
 * Rotating the key ring: a key is added, then used, and the one before it is destroyed when nobody needs it any more.
 *
 * Three steps, because processes read the ring when they start. After the first, each of them can be started again and
 * knows the new key before any of them uses it. Between the second and the third, those that use the new key and those
 * that use the old one understand each other. What is destroyed leaves its id, so that its log is known to be the same, and the keys
 * of purposes that have to last.
 */
import type { KeyId } from "../core/index.ts"
import { lastingOf, newRingKey, type KeyRingFile } from "./Keys.ts"
import type { Randomness } from "./Randomness.ts"

/** How a key of a ring stands: the one that is used, one that is kept for what it made, one that was destroyed. */
export type RingKeyState = "in use" | "kept" | "retired"

/** Every key that a ring has or had, the one in use first. */
export const ringKeys = ({ keys, retired = [] }: KeyRingFile): ReadonlyArray<{ id: KeyId; state: RingKeyState }> => [
  ...keys.map(({ id }, index) => ({ id, state: index === 0 ? ("in use" as const) : ("kept" as const) })),
  ...retired.map((id) => ({ id, state: "retired" as const })),
]

/** The ring with a new key, which nothing is made with yet. */
export const withNewKey = (ring: KeyRingFile, randomness: Randomness): KeyRingFile => {
  const [first, ...others] = ring.keys
  return { ...ring, keys: [first, ...others, newRingKey(randomness)], lasting: lastingOf(ring) }
}

/** The ring with that key in use; it has to be in it. */
export const withKeyInUse = (ring: KeyRingFile, id: string): KeyRingFile => {
  const used = ring.keys.find((key) => key.id === id)!
  return { ...ring, keys: [used, ...ring.keys.filter((key) => key !== used)] }
}

/** The ring without that key, which must not be the one in use; its id stays. */
export const withoutKey = (ring: KeyRingFile, id: string): KeyRingFile => {
  const [first, ...others] = ring.keys
  const gone = others.find((key) => key.id === id)!
  return {
    ...ring,
    keys: [first, ...others.filter((key) => key !== gone)],
    retired: [...(ring.retired ?? []), gone.id],
  }
}

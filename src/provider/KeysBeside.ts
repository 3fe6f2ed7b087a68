/**
 * The key ring of a store for which none was given: it is beside its file, and is made only together with a new log.
 *
 * A database without its ring, or a ring without its database, is incomplete. Either is refused with a message, because
 * a new counterpart would seem to work until the first refresh.
 */
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { StoreFault } from "../log/index.ts"
import { ConfigFault } from "./ConfigFault.ts"
import { hasKeyFile, openKeyFile } from "./KeyFile.ts"
import { newKeyRing, type KeyRingFile } from "./Keys.ts"
import { liveRandomness, type Randomness } from "./Randomness.ts"
import type { ServerStore } from "./ServerStore.ts"

/** Where the ring of a store in `file` is. */
export const keyFileOf = (file: string): string => `${file}.keys.json`

/** The fault that a ring is missing; `elsewhere` says how it may be given instead. */
export const missingKeys = (path: string, elsewhere: string): ConfigFault =>
  new ConfigFault({
    message: `the key ring \`${path}\` is missing: put it back, or ${elsewhere}; a new one cannot take its place`,
  })

/** Whoever starts at the same time makes the ring, and the first entry of the log a moment later. */
const whileSomebodyStarts = { while: (isNew: boolean) => isNew, schedule: Schedule.spaced("50 millis"), times: 10 }

/** Where a ring is kept, and the name of its store. */
export interface RingPlace {
  readonly path: string
  readonly store: string
}

const besideFile = (file: string | undefined): RingPlace | undefined =>
  file === undefined ? undefined : { path: keyFileOf(file), store: file }

/** The ring of this store; one in memory gets a ring that does not outlive the process either. */
export const keysBeside = Effect.fnUntraced(function* (
  store: Pick<ServerStore, "file" | "isElsewhere" | "rows">,
  elsewhere = "give its keys as `keys`",
  randomness: Randomness = liveRandomness,
  place: RingPlace | undefined = besideFile(store.file),
): Effect.fn.Return<KeyRingFile, ConfigFault | StoreFault> {
  const isUninitialized = Effect.map(store.rows.issuer(), ({ state }) => state._tag === "Uninitialized")
  if (place === undefined) {
    if (store.isElsewhere !== true && (yield* isUninitialized)) return newKeyRing(randomness)
    return yield* new ConfigFault({ message: `this store has no file to keep its key ring beside: ${elsewhere}` })
  }
  const { path } = place
  const isThere = hasKeyFile(path)
  const isNew = yield* isThere ? Effect.repeat(isUninitialized, whileSomebodyStarts) : isUninitialized
  if (isNew && isThere) {
    const message = `the database \`${place.store}\` is empty, but its key ring \`${path}\` is there: restore the database, or, if this store was never used, remove the ring and start again`
    return yield* new ConfigFault({ message })
  }
  if (!isNew && !isThere) return yield* missingKeys(path, elsewhere)
  return yield* Effect.try({ try: () => openKeyFile(path, randomness), catch: (cause) => cause as ConfigFault })
})

/**
 * Subject keys: a random key for each subject, under which what may identify it is sealed; destroyed to forget it.
 *
 * They are in a place of their own, so that backups of the log need not hold them: a copy of it brings back what was
 * forgotten since. Each is wrapped under the key ring, so the place alone opens nothing. What is destroyed leaves a
 * tombstone: no new key takes its place, and a sealed value is known to be forgotten rather than damaged.
 *
 * Keys that were unwrapped are remembered for as long as nobody else wrote there, which is asked each time: what another
 * process destroyed is not used once more. What is destroyed here is wiped.
 */
import * as Effect from "effect/Effect"
import type { SubjectId } from "../core/index.ts"
import {
  SEAL_NONCE_BYTES,
  StoreFault,
  asFault,
  memoryPlace,
  placeInFile,
  seal,
  sealingKeyIdOf,
  unseal,
  type Place,
  type Row,
  type SealingKey,
  type Table,
  type Value,
} from "../log/index.ts"
import { wrappingKeys, type KeyRingFile } from "./Keys.ts"
import type { Randomness } from "./Randomness.ts"

export type FoundKey =
  { readonly _tag: "Key"; readonly key: SealingKey } | { readonly _tag: "Forgotten" } | { readonly _tag: "Unknown" }

/** The keys that origins of requests are sealed under, one for each subject. */
export interface SubjectKeys {
  /** The key of a subject, made if there never was one; `undefined` once it is destroyed. */
  readonly ensure: (subjectId: SubjectId) => Effect.Effect<SealingKey | undefined, StoreFault>
  /** The key with this id. */
  readonly find: (keyId: string) => Effect.Effect<FoundKey, StoreFault>
  /** Whether the key of this subject was destroyed. */
  readonly isForgotten: (subjectId: SubjectId) => Effect.Effect<boolean, StoreFault>
  /** For good; also for a subject that never had one. */
  readonly forget: (subjectId: SubjectId) => Effect.Effect<void, StoreFault>
  /** Closes the file; keys that are at hand are wiped. */
  readonly close: Effect.Effect<void>
}

/** `wrapped` is `null` once the key is destroyed, `key_id` where there never was one. */
export const subjectKeyTable: Table = {
  name: "subject_keys",
  columns: { subject_id: "TEXT", key_id: "TEXT", wrapped: "TEXT" },
  key: ["subject_id"],
  indexes: [["key_id"]],
}

const KEY_BYTES = 32
const KEY_ID_BYTES = 12

/** Keys that are remembered unwrapped; the oldest makes room. */
const MAX_REMEMBERED = 1024
/** Keys that are held against the ring when they are opened. */
const CHECKED_AT_START = 100

/** Keys that are gone when the process ends. */
export const memorySubjectKeys = (ring: KeyRingFile, randomness: Randomness): SubjectKeys =>
  subjectKeysOver(memoryPlace(subjectKeyTable), "memory:", ring, randomness).keys

/** The place that the keys of a store in a file have, made with mode 0600 if it is not there. */
export const subjectKeyPlace = (file: string): Effect.Effect<Place, StoreFault> =>
  Effect.try({
    // "glsk"
    try: () => placeInFile(file, { holds: "subject keys", table: subjectKeyTable, applicationId: 0x676c736b }),
    catch: asFault,
  })

/** Opens the keys in such a file. */
export const openSubjectKeys = (
  file: string,
  ring: KeyRingFile,
  randomness: Randomness,
): Effect.Effect<SubjectKeys, StoreFault> =>
  Effect.flatMap(subjectKeyPlace(file), (place) => subjectKeysIn(place, file, ring, randomness))

/** The keys in a place, which `name` stands for in messages; closes it where the ring is another one. */
export const subjectKeysIn = (
  place: Place,
  name: string,
  ring: KeyRingFile,
  randomness: Randomness,
): Effect.Effect<SubjectKeys, StoreFault> => {
  const { keys, requireRing } = subjectKeysOver(place, name, ring, randomness)
  return place.list({ limit: CHECKED_AT_START }).pipe(
    Effect.flatMap((rows) => Effect.forEach(rows, requireRing, { discard: true })),
    Effect.as(keys),
    Effect.tapError(() => place.close),
  )
}

/** Keys that are wrapped anew between two looks at what others do. */
const REWRAPPED_AT_ONCE = 100

/** Wraps what is wrapped under the key `from` of the ring under the one in use; gives how many keys that were. */
export const rewrapSubjectKeys = Effect.fnUntraced(function* (
  place: Place,
  name: string,
  ring: KeyRingFile,
  from: string,
  randomness: Randomness,
): Effect.fn.Return<number, StoreFault> {
  const { unwrap, wrap } = subjectKeysOver(place, name, ring, randomness)
  let count = 0
  for (let after: ReadonlyArray<Value> | undefined; ;) {
    const listing = { orderBy: subjectKeyTable.key, limit: REWRAPPED_AT_ONCE }
    const rows = yield* place.list(after === undefined ? listing : { ...listing, after })
    const old = rows.filter(({ wrapped }) => wrapped !== null && sealingKeyIdOf(String(wrapped)) === from)
    for (const row of old) {
      const subjectId = String(row["subject_id"])
      const wrapped = wrap(subjectId, yield* unwrap(row))
      // Whoever was forgotten meanwhile stays so.
      if (yield* place.exchange([{ before: row, after: { ...row, wrapped } }])) count++
    }
    const last = rows.at(-1)
    if (last === undefined || rows.length < REWRAPPED_AT_ONCE) return count
    after = [last["subject_id"]!]
  }
})

const subjectKeysOver = (place: Place, name: string, ring: KeyRingFile, randomness: Randomness) => {
  const wrapping = wrappingKeys(ring, "subject key")

  const wrap = (subjectId: string, { id, secret }: SealingKey): string =>
    seal(wrapping.current, `${subjectId} ${id}`, secret, randomness.bytes(SEAL_NONCE_BYTES))
  const requireRing = ({ wrapped }: Row): Effect.Effect<void, StoreFault> => {
    const id = wrapped === null ? undefined : sealingKeyIdOf(String(wrapped))
    if (id === undefined || wrapping.find(id) !== undefined) return Effect.void
    const message = `the subject keys \`${name}\` name the key \`${id}\`, which the key ring lacks: bring the ring that they were written with`
    return Effect.fail(new StoreFault({ reason: "other", message }))
  }
  const unwrap = Effect.fnUntraced(function* (row: Row): Effect.fn.Return<SealingKey, StoreFault> {
    yield* requireRing(row)
    const [id, wrapped] = [String(row["key_id"]), String(row["wrapped"])]
    const ringKey = wrapping.find(sealingKeyIdOf(wrapped) ?? "")
    const secret = ringKey === undefined ? undefined : unseal(ringKey, `${String(row["subject_id"])} ${id}`, wrapped)
    if (secret !== undefined) return { id, secret }
    const message = `a key in \`${name}\` is damaged: put back a copy of the file`
    return yield* new StoreFault({ reason: "corrupt", message })
  })
  const rowOf = (subjectId: SubjectId) => place.get([subjectId])
  const make = Effect.fnUntraced(function* (subjectId: SubjectId) {
    const id = Buffer.from(randomness.bytes(KEY_ID_BYTES)).toString("base64url")
    const wrapped = wrap(subjectId, { id, secret: randomness.bytes(KEY_BYTES) })
    const after: Row = { subject_id: subjectId, key_id: id, wrapped }
    // Somebody else may just have made or destroyed it.
    return (yield* place.exchange([{ after }])) ? after : yield* rowOf(subjectId)
  })

  const remembered = new Map<string, SealingKey>()
  let wipeCount = 0
  const wipe = (subjectId: string): void => {
    wipeCount++
    remembered.get(subjectId)?.secret.fill(0)
    remembered.delete(subjectId)
  }
  const wipeAll = (): void => [...remembered.keys()].forEach(wipe)
  const readOrMake = Effect.fnUntraced(function* (subjectId: SubjectId) {
    const asOf = wipeCount
    const row = (yield* rowOf(subjectId)) ?? (yield* make(subjectId))
    if (row === undefined || row["wrapped"] === null) return undefined
    const key = yield* unwrap(row)
    // What was destroyed since it was read is not remembered.
    if (wipeCount !== asOf) return key
    const [oldest] = remembered.keys()
    if (remembered.size === MAX_REMEMBERED) wipe(oldest!)
    remembered.set(subjectId, key)
    return key
  })

  const keys: SubjectKeys = {
    ensure: Effect.fnUntraced(function* (subjectId) {
      if (yield* place.mayHaveChanged) wipeAll()
      const key = remembered.get(subjectId) ?? (yield* readOrMake(subjectId))
      // A copy, which no `slice` of a buffer is: who seals under it must not be left with one that was wiped.
      return key && { id: key.id, secret: Buffer.from(key.secret) }
    }),
    find: Effect.fnUntraced(function* (keyId) {
      const [row] = yield* place.list({ where: { key_id: keyId }, limit: 1 })
      if (row === undefined) return { _tag: "Unknown" }
      return row["wrapped"] === null ? { _tag: "Forgotten" } : { _tag: "Key", key: yield* unwrap(row) }
    }),
    isForgotten: (subjectId) => Effect.map(rowOf(subjectId), (row) => row?.["wrapped"] === null),
    forget: Effect.fnUntraced(function* (subjectId) {
      // Also where nobody knows whether it was committed.
      wipe(subjectId)
      for (;;) {
        const before = yield* rowOf(subjectId)
        const after = { subject_id: subjectId, key_id: before?.["key_id"] ?? null, wrapped: null }
        if (yield* place.exchange([{ before, after }])) return
      }
    }),
    close: Effect.andThen(Effect.sync(wipeAll), place.close),
  }
  return { keys, requireRing, wrap, unwrap }
}

/**
 * Subject keys: a random key for each subject, under which what may identify it is sealed; destroyed to forget it.
 *
 * They are in a file of their own, so that backups of the log need not hold them: a copy of this file brings back what
 * was forgotten since. Each is wrapped under the key ring, so the file alone opens nothing. What is destroyed leaves a
 * tombstone: no new key takes its place, and a sealed value is known to be forgotten rather than damaged.
 *
 * Keys that were unwrapped are remembered for as long as nobody else wrote to the file, which is asked each time: what
 * another process destroyed is not used once more. What is destroyed here is wiped.
 */
import { Effect } from "effect"
import type { SubjectId } from "../core/index.ts"
import {
  SEAL_NONCE_BYTES,
  StoreFault,
  asFault,
  openNodeSqlite,
  openSideFile,
  seal,
  sealingKeyIdOf,
  sqliteRows,
  unseal,
  whileBusy,
  within,
  type OpenSqlite,
  type Row,
  type SealingKey,
  type SideFile,
  type SqliteDriver,
  type Table,
} from "../log/index.ts"
import { wrappingKeys, type KeyRingFile } from "./Keys.ts"
import type { Secrets } from "./Secrets.ts"

export type FoundKey =
  { readonly _tag: "Key"; readonly key: SealingKey } | { readonly _tag: "Destroyed" } | { readonly _tag: "Unknown" }

export interface SubjectKeys {
  /** The key of a subject, made if there never was one; `undefined` once it is destroyed. */
  readonly ensure: (subjectId: SubjectId) => Effect.Effect<SealingKey | undefined, StoreFault>
  /** The key with this id. */
  readonly find: (keyId: string) => Effect.Effect<FoundKey, StoreFault>
  readonly isDestroyed: (subjectId: SubjectId) => Effect.Effect<boolean, StoreFault>
  /** For good; also for a subject that never had one. */
  readonly destroy: (subjectId: SubjectId) => Effect.Effect<void, StoreFault>
  readonly close: Effect.Effect<void>
}

/** `wrapped` is `null` once the key is destroyed, `key_id` where there never was one. */
const keyTable: Table = {
  name: "subject_keys",
  columns: { subject_id: "TEXT", key_id: "TEXT", wrapped: "TEXT" },
  key: ["subject_id"],
  indexes: [["key_id"]],
}

/** "glsk" */
const subjectKeyFile: SideFile = { holds: "subject keys", table: keyTable, applicationId: 0x676c736b }
const KEY_BYTES = 32
const KEY_ID_BYTES = 12

/** Keys that are remembered unwrapped; the oldest makes room. */
const MAX_REMEMBERED = 1024

/** Keys that are gone when the process ends. */
export const memorySubjectKeys = (ring: KeyRingFile, secrets: Secrets): SubjectKeys =>
  openSubjectKeys(":memory:", ring, secrets)

/** Opens the keys in `file` (`:memory:` for none), made with mode 0600 if it is not there; throws a {@link StoreFault}. */
export const openSubjectKeys = (
  file: string,
  ring: KeyRingFile,
  secrets: Secrets,
  open: OpenSqlite = openNodeSqlite,
): SubjectKeys => subjectKeysOver(openSideFile(file, subjectKeyFile, open), file, ring, secrets)

const subjectKeysOver = (driver: SqliteDriver, file: string, ring: KeyRingFile, secrets: Secrets): SubjectKeys => {
  const wrapping = wrappingKeys(ring)
  const rows = sqliteRows(driver)
  try {
    for (const row of rows.list(keyTable, { columns: ["wrapped"] })) requireRing(row, wrapping, file)
  } catch (cause) {
    driver.close()
    throw asFault(cause)
  }
  const dataVersion = driver.prepare("PRAGMA data_version")
  let isOpen = true
  const attempt = <A>(body: () => A): Effect.Effect<A, StoreFault> =>
    whileBusy(Effect.try({ try: body, catch: asFault }))

  const wrap = (subjectId: string, { id, secret }: SealingKey): string =>
    seal(wrapping.current, `${subjectId} ${id}`, secret, secrets.bytes(SEAL_NONCE_BYTES))
  const unwrap = (row: Row): SealingKey => {
    const [id, wrapped] = [String(row["key_id"]), String(row["wrapped"])]
    const ringKey = wrapping.find(sealingKeyIdOf(wrapped) ?? "")
    const secret = ringKey === undefined ? undefined : unseal(ringKey, `${String(row["subject_id"])} ${id}`, wrapped)
    if (secret !== undefined) return { id, secret }
    throw new StoreFault({ reason: "corrupt", message: `a key in \`${file}\` is damaged: put back a copy of the file` })
  }
  const make = (subjectId: SubjectId): Row => {
    const id = Buffer.from(secrets.bytes(KEY_ID_BYTES)).toString("base64url")
    const key = { id, secret: secrets.bytes(KEY_BYTES) }
    return within(driver, () => {
      // Somebody else may just have made or destroyed it.
      const known = rows.get(keyTable, [subjectId])
      if (known !== undefined) return known
      const row = { subject_id: subjectId, key_id: key.id, wrapped: wrap(subjectId, key) }
      rows.put(keyTable, row)
      return row
    })
  }

  const remembered = new Map<string, SealingKey>()
  let asOf: unknown
  const wipe = (subjectId: string): void => {
    remembered.get(subjectId)?.secret.fill(0)
    remembered.delete(subjectId)
  }
  const wipeAll = (): void => [...remembered.keys()].forEach(wipe)
  /** Moves when another connection has written, and not by what is written here. */
  const wipeIfStale = (): void => {
    const version = dataVersion.get()?.["data_version"]
    if (version !== asOf) wipeAll()
    asOf = version
  }
  const readOrMake = (subjectId: SubjectId): SealingKey | undefined => {
    const row = rows.get(keyTable, [subjectId]) ?? make(subjectId)
    if (row["wrapped"] === null) return undefined
    const [oldest] = remembered.keys()
    if (remembered.size === MAX_REMEMBERED) wipe(oldest!)
    const key = unwrap(row)
    remembered.set(subjectId, key)
    return key
  }

  return {
    ensure: (subjectId) =>
      attempt(() => {
        wipeIfStale()
        const key = remembered.get(subjectId) ?? readOrMake(subjectId)
        // A copy, which no `slice` of a buffer is: who seals under it must not be left with one that was wiped.
        return key && { id: key.id, secret: Buffer.from(key.secret) }
      }),
    find: (keyId) =>
      attempt(() => {
        const [row] = rows.list(keyTable, { where: { key_id: keyId }, limit: 1 })
        if (row === undefined) return { _tag: "Unknown" }
        return row["wrapped"] === null ? { _tag: "Destroyed" } : { _tag: "Key", key: unwrap(row) }
      }),
    isDestroyed: (subjectId) => attempt(() => rows.get(keyTable, [subjectId])?.["wrapped"] === null),
    destroy: (subjectId) =>
      attempt(() => {
        // Also where nobody knows whether it was committed.
        wipe(subjectId)
        within(driver, () => {
          const keyId = rows.get(keyTable, [subjectId])?.["key_id"] ?? null
          rows.put(keyTable, { subject_id: subjectId, key_id: keyId, wrapped: null })
        })
      }),
    close: Effect.sync(() => {
      wipeAll()
      if (isOpen) driver.close()
      isOpen = false
    }),
  }
}

const requireRing = (row: Row, wrapping: ReturnType<typeof wrappingKeys>, file: string): void => {
  const wrapped = row["wrapped"] as string | null
  const id = wrapped === null ? undefined : sealingKeyIdOf(wrapped)
  if (id === undefined || wrapping.find(id) !== undefined) return
  const message = `the subject keys \`${file}\` name the key \`${id}\`, which the key ring lacks: bring the ring that they were written with`
  throw new StoreFault({ reason: "other", message })
}

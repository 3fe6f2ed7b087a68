/**
 * A value with the moment of its end, as one text: for stores that know nothing of time.
 *
 * The name under which it was stored is part of it, so that a file that was copied or renamed is found out.
 */
import { isFiniteNumber, isRecordOf, isText, type Shapes } from "../LenientReading.ts"
import { jsonIn } from "../ResponseBody.ts"
import { StorageError } from "./StorageError.ts"

interface Dated {
  readonly key: string
  readonly value: string
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number
}

const shapes: Shapes<Dated> = { key: isText, value: isText, expiresAt: isFiniteNumber }
const isDated = isRecordOf(shapes, ["key", "value"])

/** When something that is stored now ends; `undefined` is never. */
export const endOf = (now: number, ttlSeconds: number | undefined): number | undefined => {
  if (ttlSeconds === undefined) return undefined
  if (Number.isFinite(ttlSeconds) && ttlSeconds > 0) return now + ttlSeconds * 1000
  const message = `ttlSeconds is \`${ttlSeconds}\`: give a number above 0, or leave it out`
  throw new StorageError({ code: "invalid_argument", message })
}

export const hasEnded = (expiresAt: number | undefined, now: number): boolean =>
  expiresAt !== undefined && now >= expiresAt

export const writeDated = (key: string, value: string, expiresAt: number | undefined): string =>
  JSON.stringify({ key, value, ...(expiresAt === undefined ? {} : { expiresAt }) })

/** The value, or `undefined` once it has ended. Throws a {@link StorageError}, in which `place` names it, for what was not stored under `key`. */
export const readDated = (text: string, key: string, now: number, place: string): string | undefined => {
  const dated = jsonIn(text)
  const isWhole = isDated(dated) && Object.keys(dated).every((name) => Object.hasOwn(shapes, name))
  if (!isWhole || dated.key !== key) {
    const message = `${place} is not what was stored for \`${key}\`: delete it and log in again`
    throw new StorageError({ code: "corrupt", message })
  }
  return hasEnded(dated.expiresAt, now) ? undefined : dated.value
}

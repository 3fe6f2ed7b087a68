/**
 * A value with the moment of its end, as one text: for stores that know nothing of time.
 *
 * The name under which it was stored is part of it, so that a file that was copied or renamed is found out.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { StorageError } from "./StorageError.ts"

const Dated = Schema.Struct({
  key: Schema.String,
  value: Schema.String,
  /** ms since the epoch */
  expiresAt: Schema.optionalKey(Schema.Finite),
})

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Dated), { onExcessProperty: "error" })

/** The time of this machine, in ms since the epoch. */
export const machineTime = (): number => Effect.runSync(Clock.currentTimeMillis)

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

/** The value, unless it has ended; throws a {@link StorageError} for what is none of `key`. `place` names it there. */
export const readDated = (text: string, key: string, now: number, place: string): string | undefined => {
  const dated = Result.getOrUndefined(decode(text))
  if (dated === undefined || dated.key !== key) {
    const message = `${place} is not what was stored for \`${key}\`: delete it and log in again`
    throw new StorageError({ code: "corrupt", message })
  }
  return hasEnded(dated.expiresAt, now) ? undefined : dated.value
}

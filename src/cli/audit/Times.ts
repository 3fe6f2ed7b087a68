/**
 * Times as people write and read them: UTC unless `--local`, and never a guess.
 *
 * A time without a zone is UTC; a span like `90m` or `7d` is that long ago.
 */
import * as Effect from "effect/Effect"
import * as Flag from "effect/cli/Flag"
import { UsageFault } from "../Failure.ts"
import { time } from "../Print.ts"

export const local = Flag.Boolean("local").pipe(
  Flag.withDescription("show times of this machine's zone instead of UTC"),
  Flag.withDefault(false),
)

const unitMillis = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const SPAN = /^(\d{1,9})([smhd])$/
const DATE = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?))?(Z|[+-]\d{2}:\d{2})?$/

const parse = (text: string, now: number): number | undefined => {
  const span = SPAN.exec(text)
  if (span !== null) return now - Number(span[1]) * unitMillis[span[2] as keyof typeof unitMillis]
  const date = DATE.exec(text)
  if (date === null) return undefined
  const [, day, clock = "00:00", zone = "Z"] = date
  const millis = Date.parse(`${day}T${clock}${zone}`)
  return Number.isNaN(millis) ? undefined : millis
}

/** Milliseconds since the epoch. */
export const parseTime = (text: string, now: number): Effect.Effect<number, UsageFault> => {
  const millis = parse(text, now)
  if (millis !== undefined) return Effect.succeed(millis)
  const message = "a time is like 2026-11-21T08:00:00Z, or 90m, 24h or 7d for that long ago"
  return Effect.fail(new UsageFault({ message }))
}

const two = (number: number): string => String(number).padStart(2, "0")

const localTime = (millis: number): string => {
  const date = new Date(millis)
  const offset = -date.getTimezoneOffset()
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
  const zone = `${offset < 0 ? "-" : "+"}${two(hours)}:${two(minutes)}`
  return `${time(millis + offset * 60_000).slice(0, -1)}${zone}`
}

/** How times are shown. */
export type ShowTime = (millis: number) => string

export const showTime = (isLocal: boolean): ShowTime => (isLocal ? localTime : time)

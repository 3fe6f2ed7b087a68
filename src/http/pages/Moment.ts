/** Moments on pages: in UTC, and said to be, for the server does not know where the visitor is. */
import { html } from "hono/html"
import type { Content } from "./Document.ts"
import { strings } from "./Strings.ts"

const day = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const
const dayFormat = new Intl.DateTimeFormat(strings.language, day)
const minuteFormat = new Intl.DateTimeFormat(strings.language, {
  ...day,
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZoneName: "short",
})

const moment = (format: Intl.DateTimeFormat, millis: number): Content =>
  html`<time datetime="${new Date(millis).toISOString()}">${format.format(millis)}</time>`

export const onDay = (millis: number): Content => moment(dayFormat, millis)
/** In plain text. */
export const minuteOf = (millis: number): string => minuteFormat.format(millis)
export const atMinute = (millis: number): Content => moment(minuteFormat, millis)

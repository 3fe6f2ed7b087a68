/**
 * A server that asks to come again instead of answering: 429, or 503 with a time (RFC 6585 4, RFC 9110 10.2.3).
 *
 * Such an answer refuses nothing and shows nothing. How long is waited is bounded; what was not answered then is not judged.
 */
export interface Patience {
  readonly count: number
  readonly millis: number
}

/** What of an answer says so. */
interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
}

const SECOND = 1000
/** How often one request is sent again. */
const MAX_RETURNS = 5
/** Who asks for more than this is not waited for. */
const MAX_WAIT_MILLIS = 60 * SECOND
/** What a whole check waits at most. */
export const MAX_PATIENCE_MILLIS = 300 * SECOND

const askingErrors: ReadonlySet<unknown> = new Set(["temporarily_unavailable", "slow_down"])

/** Whether a status alone says to come again. */
export const isComeAgain = (status: number): boolean => status === 429 || status === 503

export const tellComeAgain = (status: number | string): string => `the server asks to come again: ${status}`

/** Whether the server said to come again instead of answering. */
export const isUnanswered = ({ status, body }: Omit<Answered, "headers">): boolean =>
  isComeAgain(status) || (status >= 400 && askingErrors.has(body["error"]))

/** Retry-After: seconds, or a date. */
const askedMillis = (headers: Headers): number | undefined => {
  const text = headers.get("retry-after")?.trim() ?? ""
  if (/^\d+$/.test(text)) return Number(text) * SECOND
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now())
}

/** How long to wait before the same request is sent again; `undefined` when it is not. `time`: how often it was sent. */
export const comesAgainAfter = ({ status, headers }: Answered, time: number): number | undefined => {
  const asked = askedMillis(headers)
  const isAsking = status === 429 || (status === 503 && asked !== undefined)
  if (!isAsking || time > MAX_RETURNS) return undefined
  const millis = asked ?? SECOND * 2 ** (time - 1)
  return millis > MAX_WAIT_MILLIS ? undefined : millis
}

export const tellPatience = ({ count }: Patience): string =>
  count === 0 ? "not asked for" : `asked to come again ${count} times, and was waited for`

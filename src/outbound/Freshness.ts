/**
 * For how long an answer may be used again, by what it says of itself (RFC 9111 4.2), within bounds of our own.
 *
 * The lower bound is for what one person does with one page; the upper one sees to it that a document that says "for
 * ever" is read again. Directives for caches that many share do not count: what is kept here is for this server alone.
 */

const SECOND_MILLIS = 1000
export const MIN_LIFETIME_MILLIS = 10 * SECOND_MILLIS
export const DEFAULT_LIFETIME_MILLIS = 300 * SECOND_MILLIS
export const MAX_LIFETIME_MILLIS = 86_400 * SECOND_MILLIS

const secondsIn = (text: string | null | undefined): number | undefined =>
  text !== null && text !== undefined && /^"?\d{1,12}"?$/.test(text) ? Number(text.replaceAll('"', "")) : undefined

/** The directives of a `Cache-Control` by their names in small letters; of one that is there twice, the first. */
const directivesOf = (header: string): ReadonlyMap<string, string | undefined> =>
  new Map(
    header
      .split(",")
      .map((one): [string, string | undefined] => {
        const [name = "", value] = one.split("=", 2).map((part) => part.trim())
        return [name.toLowerCase(), value]
      })
      .toReversed(),
  )

/** What is said by the answer; `undefined` where it says nothing that can be understood. */
const statedMillis = (headers: Headers): number | undefined => {
  const directives = directivesOf(headers.get("cache-control") ?? "")
  if (directives.has("no-store") || directives.has("no-cache")) return 0
  if (directives.has("max-age")) {
    // RFC 9111 4.2.1: what cannot be understood is stale.
    const left = (secondsIn(directives.get("max-age")) ?? 0) - (secondsIn(headers.get("age")) ?? 0)
    return left * SECOND_MILLIS
  }
  const expires = headers.get("expires")
  if (expires === null) return undefined
  const [end, from] = [Date.parse(expires), Date.parse(headers.get("date") ?? "")]
  return Number.isNaN(end) || Number.isNaN(from) ? 0 : end - from
}

/** Milliseconds for which what came with these headers may be used again. */
//= CIMD-4.4-no-negative-cache
export const lifetimeOf = (headers: Headers): number =>
  Math.min(MAX_LIFETIME_MILLIS, Math.max(MIN_LIFETIME_MILLIS, statedMillis(headers) ?? DEFAULT_LIFETIME_MILLIS))

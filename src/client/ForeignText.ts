/**
 * What others wrote, as it stands in a sentence of ours: on one line, without control characters, and short.
 */
const MAX_SAID_CHARACTERS = 500
const MAX_NAME_CHARACTERS = 150

/** What somebody else wrote, on one line of what can be seen, as far as a person reads it. */
export const brief = (said: string, limit = MAX_SAID_CHARACTERS): string => {
  const line = said.replaceAll(/\s+/g, " ").trim()
  const cut = line.length <= limit ? line : `${line.slice(0, limit - 1)}…`
  return cut.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?")
}

/** A name or an address that somebody else chose, between backquotes. */
export const quoted = (text: string): string => `\`${brief(text, MAX_NAME_CHARACTERS)}\``

/** An address as people are told it: what stands in its query may be somebody's key. */
export const named = (address: string): string => {
  const url = URL.parse(address)
  return quoted(url === null ? address : `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`)
}

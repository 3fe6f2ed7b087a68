/**
 * What others wrote, as it stands in a sentence of ours: between backquotes, on one line, and short.
 */
import { brief } from "./Outbound.ts"

const MAX_CHARACTERS = 150

/** A name or an address that somebody else chose. */
export const quoted = (text: string): string => `\`${brief(text, MAX_CHARACTERS)}\``

/** An address as people are told it: what stands in its query may be somebody's key. */
export const named = (address: string): string => {
  const url = URL.parse(address)
  return quoted(url === null ? address : `${url.origin}${url.pathname}${url.search === "" ? "" : "?…"}`)
}

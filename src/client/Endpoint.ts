/**
 * Addresses that a client may send something to: TLS, or this very machine.
 *
 * Metadata is written by others. What it names is compared as it is spelled; nothing here opens a connection.
 */

/** Loopback by literal address or by the name that resolves to it (RFC 8252 8.3, RFC 6761 6.3). */
export const isLoopback = ({ hostname }: URL): boolean =>
  hostname === "localhost" || /^127(?:\.\d{1,3}){3}$/.test(hostname) || hostname === "[::1]"

/** Whether secrets may travel there. */
export const isSecure = (url: URL): boolean =>
  url.protocol === "https:" || (url.protocol === "http:" && isLoopback(url))

/** The address, where it is one and secrets may travel there: without user info and fragment. */
export const secureUrl = (text: string): URL | undefined => {
  const url = URL.parse(text)
  if (url === null || !isSecure(url)) return undefined
  return url.username === "" && url.password === "" && url.hash === "" ? url : undefined
}

/** An issuer identifier or resource as the text between origin and end, empty for a lone slash. */
export const pathOf = ({ pathname }: URL): string => (pathname === "/" ? "" : pathname.replace(/\/$/, ""))

/** The well-known location of an identifier: the segment goes between host and path (RFC 8414 3, RFC 9728 3). */
export const insertedWellKnown = (identifier: URL, suffix: string): string =>
  `${identifier.origin}/.well-known/${suffix}${pathOf(identifier)}${identifier.search}`

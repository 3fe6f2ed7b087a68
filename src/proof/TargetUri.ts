/**
 * Where a request went, in the one spelling that proofs are compared by: without query and fragment, normalised as
 * RFC 9449 4.3 recommends (RFC 3986 6.2.2 and 6.2.3).
 */

/** Characters that mean the same with and without percent-encoding (RFC 3986 2.3). */
const unreserved = /^[A-Za-z0-9\-._~]$/

/** `%7e` and `~` are one character; the digits of what stays encoded are upper-case. */
const withOneEncoding = (path: string): string =>
  path.replaceAll(/%([0-9A-Fa-f]{2})/g, (encoded, digits: string) => {
    const character = String.fromCharCode(Number.parseInt(digits, 16))
    return unreserved.test(character) ? character : encoded.toUpperCase()
  })

/** `undefined` for what is no absolute http or https address without user information. */
export const targetUri = (text: string): string | undefined => {
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== "" || url.password !== "") return undefined
  // Dots that were encoded are dots of the path only now.
  return URL.parse(url.origin + withOneEncoding(url.pathname))?.href
}

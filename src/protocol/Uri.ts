/** What any URI of the protocol is made of, before it is asked what kind of URI it is (RFC 3986). */

/** The longest URI that is kept: a redirect URI, a resource. */
export const MAX_URI_CHARACTERS = 2048

/** RFC 3986 characters only: no control character, space, quote, backslash or non-ASCII letter; `%` starts an escape. */
export const isUriText = (text: string): boolean =>
  /^(?:[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$/.test(text)

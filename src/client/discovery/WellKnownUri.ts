/** The well-known location of an identifier, an issuer or a resource (RFC 8414 3, RFC 9728 3). */

/** The text between origin and query, empty for a lone slash. */
export const pathOf = ({ pathname }: URL): string => (pathname === "/" ? "" : pathname.replace(/\/$/, ""))

/** The well-known segment goes between host and path. */
export const insertedWellKnown = (identifier: URL, suffix: string): string =>
  `${identifier.origin}/.well-known/${suffix}${pathOf(identifier)}${identifier.search}`

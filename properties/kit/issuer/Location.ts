/** Where a redirect leads; what it carries is for the client alone, and is not told. */
export const tellLocation = (location: string): string => `a redirect to \`${withoutCode(location)}\``

/** An address, or the query of one, without what it carries. */
export const withoutCode = (address: string): string => address.replace(/([?&](?:code|state)=)[^&#]*/g, "$1…")

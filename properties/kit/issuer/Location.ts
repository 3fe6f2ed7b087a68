/** Where a redirect leads; what it carries is for the client alone, and is not told. */
export const tellLocation = (location: string): string =>
  `a redirect to \`${location.replace(/([?&](?:code|state)=)[^&#]*/g, "$1…")}\``

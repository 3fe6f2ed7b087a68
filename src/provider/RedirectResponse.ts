/**
 * The address that a browser goes back to a client by: the redirect URI as it was asked for, byte for byte, with the
 * answer's parameters behind it.
 */

/** Appends `parameters`; those without a value are left out. The URI has no fragment, or it could not be registered. */
//= OAUTH21-2.3-redirect-keep-query
export const redirectWith = (uri: string, parameters: Readonly<Record<string, string | undefined>>): string => {
  const answer = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const query = new URLSearchParams(answer).toString()
  if (!uri.includes("?")) return `${uri}?${query}`
  return uri.endsWith("?") || uri.endsWith("&") ? uri + query : `${uri}&${query}`
}

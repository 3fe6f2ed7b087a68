/**
 * Whether a token is meant for this resource.
 *
 * The rule is the one that grantlog grants by: two resources are the same when they differ at most in the case of scheme
 * and host, or in the lone slash that URL libraries append to a path-less one. Paths, queries, ports and escapes are
 * compared as they are spelled. A token that names no resource is meant for none.
 */

/** What resources are compared by; an audience that is no URI is compared as it is. Never shown. */
const keyOf = (resource: string): string => {
  const [, origin = "", rest = resource] = /^([a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?)(.*)$/is.exec(resource) ?? []
  return origin.toLowerCase() + (rest === "/" ? "" : rest)
}

//= OAUTH21-7.1.4-rs-refuse-wrong-aud
//= MCP-AUTHZ-rs-audience
export const isMeantFor = (audience: ReadonlyArray<string>, resource: string): boolean =>
  audience.some((one) => keyOf(one) === keyOf(resource))

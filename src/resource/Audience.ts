/**
 * Whether a token is meant for this resource.
 *
 * The rule is the one that grantlog grants by: two resources are the same when they differ at most in the case of scheme
 * and host, or in the lone slash that URL libraries append to a path-less one. Paths, queries, ports and escapes are
 * compared as they are spelled. A token that names no resource is meant for none, unless that is accepted explicitly.
 */
import type { VerifiedAccess } from "./Access.ts"

export interface AudienceOptions {
  readonly resource: string
  readonly acceptsMissingAudience?: boolean | undefined
  /** Told once why tokens that name no resource are refused. */
  readonly onMissing: (sentence: string) => void
}

/** What resources are compared by; an audience that is no URI is compared as it is. Never shown. */
const keyOf = (resource: string): string => {
  const [, origin = "", rest = resource] = /^([a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?)(.*)$/is.exec(resource) ?? []
  return origin.toLowerCase() + (rest === "/" ? "" : rest)
}

export const isMeantFor = (audience: ReadonlyArray<string>, resource: string): boolean =>
  audience.some((one) => keyOf(one) === keyOf(resource))

/** Whether an access is for the resource. */
//= OAUTH21-7.1.4-rs-refuse-wrong-aud
//= MCP-AUTHZ-rs-audience
export const audienceJudge = ({
  resource,
  acceptsMissingAudience = false,
  onMissing,
}: AudienceOptions): ((access: VerifiedAccess) => boolean) => {
  let isTold = false
  return (access) => {
    if (access.resource.length > 0) return isMeantFor(access.resource, resource)
    if (!acceptsMissingAudience && !isTold) {
      isTold = true
      onMissing(
        `tokens come that name no resource (no \`aud\`) and are refused: let the authorization server name \`${resource}\` in them, or set \`acceptsMissingAudience\` if its tokens are for nothing else`,
      )
    }
    return acceptsMissingAudience
  }
}

/**
 * Whether a token is meant for this resource.
 *
 * Resources are compared by the rule that grants are made by (`protocol/Resource.ts`). A token that names no resource is meant for none, unless that is accepted explicitly.
 */
import { includesResource, type VerifiedAccess } from "../protocol/index.ts"

export interface AudienceOptions {
  readonly resource: string
  readonly acceptsMissingAudience?: boolean | undefined
  /** Told once why tokens that name no resource are refused. */
  readonly onMissing: (sentence: string) => void
}

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
    if (access.resource.length > 0) return includesResource(access.resource, resource)
    if (!acceptsMissingAudience && !isTold) {
      isTold = true
      onMissing(
        `tokens come that name no resource (no \`aud\`) and are refused: let the authorization server name \`${resource}\` in them, or set \`acceptsMissingAudience\` if its tokens are for nothing else`,
      )
    }
    return acceptsMissingAudience
  }
}

/**
 * What this server does not offer, by feature: requirements that bind nobody until the feature is there.
 *
 * Building a feature removes it from this list: a requirement that stands here and is enforced in `src` is a fault.
 */
import type { RequirementId } from "./Requirements.ts"

export interface MissingFeature {
  readonly feature: string
  readonly requirements: ReadonlyArray<RequirementId>
}

export const notOffered: ReadonlyArray<MissingFeature> = [
  { feature: "mutual TLS", requirements: ["RFC8705-2-cert-client-binding", "RFC8705-3-rs-thumbprint"] },
  {
    feature: "proxying to an upstream authorization server",
    requirements: [
      "MCP-PROXY-consent-before-upstream",
      "MCP-PROXY-state-after-consent",
      "MCP-PROXY-consent-cookie",
      "MCP-PROXY-consent-page",
    ],
  },
  { feature: "security event tokens", requirements: ["RFC8417-2.3-set-typing"] },
  { feature: "telling clients how long a refresh token lives", requirements: ["RTEXP-6-report-lifetimes"] },
]

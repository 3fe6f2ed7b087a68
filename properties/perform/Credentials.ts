/**
 * What a caller shows of itself to a server's own operations: a secret; or what an assertion of it came to, which a feature
 * has judged before, with what that used up.
 */
import type { AuthorizationServer } from "../../src/provider/AuthorizationServer.ts"
import type { OAuthError } from "../../src/provider/OAuthError.ts"
import type { Credentials } from "../../src/provider/TokenRequests.ts"
import type { Holder } from "../Holder.ts"
import type { Authentication, Ref } from "../Operation.ts"

export interface Shown {
  readonly credentials: Credentials
  /** The assertion that was shown, where it can be taken. */
  readonly assertion?: string
}

const LIFETIME_MILLIS = 60_000

/** What a server tells of an assertion that was used before. */
const used = { _tag: "OAuthError", error: "invalid_client", description: "used before" } as unknown as OAuthError

export const shownBy = (
  server: Pick<AuthorizationServer, "now">,
  holder: Holder,
  { by, authentication }: { readonly by: Ref; readonly authentication: Authentication },
): Shown => {
  const clientId = holder.textOf("client", by)
  const isAsserted = ["replayed", "expired", "misdirected"].includes(authentication)
  if (!isAsserted && (!holder.hasKeys(by) || authentication === "absent")) {
    const clientSecret = holder.secretOf(by, authentication)
    return { credentials: { clientId, ...(clientSecret === undefined ? {} : { clientSecret }) } }
  }
  const assertion =
    authentication === "right"
      ? holder.textOf("assertion", "made up")
      : authentication === "replayed"
        ? holder.known("assertion", by)
        : undefined
  if (assertion === undefined || !holder.hasKeys(by)) return { credentials: { clientId, hasFailed: true } }
  const claims = [{ key: `private_key_jwt ${assertion}`, until: server.now() + LIFETIME_MILLIS, refusal: used }]
  return { credentials: { clientId, isAuthenticated: true, claims }, assertion }
}

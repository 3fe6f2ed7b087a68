/**
 * Whom a resource server asks about a token.
 *
 * A verifier judges whether a token is alive, and nothing else: whether it is meant for this resource and allows enough
 * is judged where it is used.
 */
import type { VerifiedAccess } from "../protocol/index.ts"

/** Says what a token is worth: `introspectionVerifier`, `inProcessVerifier`, or one of your own. */
export interface Verifier {
  /**
   * What the token allows now; nothing if it is unknown, revoked or expired. Rejects when that cannot be told, best with
   * a `VerifierUnavailable`: whatever the reason, the token counts as neither good nor bad.
   */
  verify(token: string): Promise<VerifiedAccess | undefined | null>
}

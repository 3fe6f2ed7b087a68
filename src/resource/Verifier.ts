/**
 * Whom a resource server asks about a token.
 *
 * A verifier judges whether a token is alive for whoever presents it, and nothing else: whether it is meant for this
 * resource and allows enough is judged where it is used.
 */
import type { VerifiedAccess } from "../protocol/index.ts"

/** Says what a token is worth: `introspectionVerifier`, `inProcessVerifier`, or one of your own. */
export interface Verifier {
  /**
   * What the token allows now; nothing if it is unknown, revoked or expired. Rejects when that cannot be told, best with
   * a `VerifierUnavailable`: whatever the reason, the token counts as neither good nor bad.
   *
   * `jkt` is the thumbprint of a key that the sender proved (RFC 9449): a token is worth something only with the key that
   * it is bound to, and one that is bound to none only without.
   */
  verify(token: string, jkt?: string): Promise<VerifiedAccess | undefined | null>
}

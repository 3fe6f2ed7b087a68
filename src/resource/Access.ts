/**
 * What a resource server learns of a token, and whom it asks.
 *
 * A verifier judges whether a token is alive, and nothing else: whether it is meant for this resource and allows enough
 * is judged where it is used.
 */

/** What a live token allows. Times are in seconds since the epoch. */
export interface VerifiedAccess {
  readonly token: string
  /** Whose token it is; absent where an introspection endpoint does not say. */
  readonly clientId?: string
  readonly scopes: ReadonlyArray<string>
  readonly expiresAt?: number
  readonly issuedAt?: number
  /** The resources that the token is for, spelled as they were granted. */
  readonly resource: ReadonlyArray<string>
  /** Who granted it; absent where a client acts for itself. */
  readonly subject?: string
  /** The thumbprint of the key that it is bound to; then it is good only with a proof of that key. */
  readonly jkt?: string
  readonly claims?: Readonly<Record<string, unknown>>
}

export interface Verifier {
  /**
   * What the token allows now; nothing if it is unknown, revoked or expired. Rejects when that cannot be told, best with
   * a `VerifierUnavailable`: whatever the reason, the token counts as neither good nor bad.
   */
  verify(token: string): Promise<VerifiedAccess | undefined | null>
}

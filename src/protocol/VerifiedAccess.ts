/** What is known of an access token that is alive: the one record of it outside the core. */
import type { AuthorizationDetail } from "./AuthorizationDetails.ts"

/** What a live token allows. Times are in seconds since the epoch. */
export interface VerifiedAccess {
  /** The token itself. */
  readonly token: string
  /** Whose token it is; absent where an introspection endpoint does not say. */
  readonly clientId?: string
  /** The scopes that it is good for. */
  readonly scopes: ReadonlyArray<string>
  /** When it expires, seconds since the epoch; absent where it does not say. */
  readonly expiresAt?: number
  /** When it was issued, seconds since the epoch; absent where it does not say. */
  readonly issuedAt?: number
  /** The resources that the token is for, spelled as they were granted. */
  readonly resource: ReadonlyArray<string>
  /** What it allows besides scopes (RFC 9396); absent where that is nothing. */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** Who granted it; absent where a client acts for itself. */
  readonly subject?: string
  /** The thumbprint of the key that it is bound to (RFC 7638): worth nothing to who does not prove that key. */
  readonly jkt?: string
  /**
   * Clients and subjects that act for the subject (RFC 8693 4.1), the current one first: it alone counts for what is
   * allowed. Absent where nobody acts.
   */
  readonly actors?: ReadonlyArray<string>
  /** Who alone may exchange the token for one of its own (RFC 8693 4.4). */
  readonly mayAct?: string
  /** When whoever granted it last proved who they are, seconds since the epoch (RFC 9470 6); absent where it does not say. */
  readonly authTime?: number
  /** How strongly they did, by a name that the issuer has for it (RFC 9470 6); absent where it does not say. */
  readonly acr?: string
  /** What else the issuer says of it; absent where nothing is known. */
  readonly claims?: Readonly<Record<string, unknown>>
}

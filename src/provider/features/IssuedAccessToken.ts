/**
 * A token as it is issued: what whoever writes it down, or adds to the response that it stands in, may know of it.
 *
 * Plain data, without the token itself: that is its handle, which a format is given beside this.
 */
import type { EpochMillis, GrantId, Jkt, LoginContext, Resources, Scopes, SubjectId } from "../../core/index.ts"
import type { AuthorizationDetail } from "../../protocol/index.ts"

/** A token as it is issued: what whoever writes it down may know. Moments in milliseconds since the epoch. */
export interface IssuedAccessToken {
  /** The issuer identifier. */
  readonly issuer: string
  /** The grant that it is of. */
  readonly grantId: GrantId
  /** The client that it is issued to. */
  readonly clientId: string
  /** Who approved it; `null` where a client acts for itself. */
  readonly subjectId: SubjectId | null
  /** The scopes that it is good for. */
  readonly scopes: Scopes
  /** The resources that it is for; none for any. */
  readonly resources: Resources
  /** What it allows besides (RFC 9396); absent where there is nothing. */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** The thumbprint of the key that it is bound to; `null` for a bearer's. */
  readonly jkt: Jkt | null
  /** When it was issued. */
  readonly issuedAt: EpochMillis
  /** When it expires. */
  readonly expiresAt: EpochMillis
  /** Clients and subjects that act for the subject (RFC 8693 4.1), the current one first. */
  readonly actors?: ReadonlyArray<string>
  /** Who alone may act further (RFC 8693 4.4). */
  readonly mayAct?: string
  /** The login of whoever approved it (RFC 9470 6); absent where nobody did, or nothing is known of it. */
  readonly login?: LoginContext
}

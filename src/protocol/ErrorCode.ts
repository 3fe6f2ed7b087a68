/**
 * The error codes that go over the wire: those that every server answers with, and those that features bring.
 *
 * The list is open, because each document of OAuth registers codes of its own; a feature names its codes where it uses them.
 */

/** RFC 6749 4.1.2.1 and 5.2, RFC 7591 3.2.2, RFC 8707 2. */
export type StandardErrorCode =
  | "invalid_request"
  | "invalid_client"
  | "invalid_grant"
  | "unauthorized_client"
  | "unsupported_grant_type"
  | "unsupported_response_type"
  | "invalid_scope"
  | "invalid_target"
  | "access_denied"
  | "server_error"
  | "temporarily_unavailable"
  | "invalid_redirect_uri"
  | "invalid_client_metadata"
  | "invalid_software_statement"
  | "unapproved_software_statement"

/** A standard code, or one that a feature brings, such as `invalid_dpop_proof` (RFC 9449 12.2). */
export type OAuthErrorCode = StandardErrorCode | (string & Record<never, never>)

/**
 * What authorization servers send a client: tokens (RFC 6749 5.1) and client information (RFC 7591 3.2.1).
 *
 * The members are the RFCs' own. What is required is what a client cannot do without: servers of every make answer
 * here, and may send members that this file does not know.
 */
import * as Schema from "effect/Schema"

const Strings = Schema.Array(Schema.String)

/** RFC 6749 A.12: what a header can carry; anything else would end up in the message of whoever refuses to send it. */
const AccessToken = Schema.String.check(Schema.isPattern(/^[\x20-\x7e]+$/))

export const OAuthToken = Schema.Struct({
  access_token: AccessToken,
  /** "Bearer", in whatever case the server writes it. */
  token_type: Schema.String,
  /** Seconds from when the answer was made. */
  expires_in: Schema.optionalKey(Schema.Finite),
  scope: Schema.optionalKey(Schema.String),
  refresh_token: Schema.optionalKey(Schema.String),
})
export interface OAuthToken extends Schema.Schema.Type<typeof OAuthToken> {}

export const OAuthClientInformationFull = Schema.Struct({
  client_id: Schema.String,
  client_secret: Schema.optionalKey(Schema.String),
  client_id_issued_at: Schema.optionalKey(Schema.Finite),
  /** Seconds since the epoch; 0 is never. */
  client_secret_expires_at: Schema.optionalKey(Schema.Finite),
  redirect_uris: Schema.optionalKey(Strings),
  token_endpoint_auth_method: Schema.optionalKey(Schema.String),
  grant_types: Schema.optionalKey(Strings),
  response_types: Schema.optionalKey(Strings),
  scope: Schema.optionalKey(Schema.String),
  application_type: Schema.optionalKey(Schema.String),
  client_name: Schema.optionalKey(Schema.String),
  client_uri: Schema.optionalKey(Schema.String),
  logo_uri: Schema.optionalKey(Schema.String),
  contacts: Schema.optionalKey(Strings),
  tos_uri: Schema.optionalKey(Schema.String),
  policy_uri: Schema.optionalKey(Schema.String),
  jwks_uri: Schema.optionalKey(Schema.String),
  jwks: Schema.optionalKey(Schema.Unknown),
  software_id: Schema.optionalKey(Schema.String),
  software_version: Schema.optionalKey(Schema.String),
})
export interface OAuthClientInformationFull extends Schema.Schema.Type<typeof OAuthClientInformationFull> {}

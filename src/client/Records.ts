/**
 * What authorization servers send a client: tokens (RFC 6749 5.1) and client information (RFC 7591 3.2.1).
 *
 * The members are the RFCs' own. What is required is what a client cannot do without: servers of every make answer
 * here, and may send members that this file does not know.
 */
import { isFiniteNumber, isText, isTexts, type Shape, type Shapes } from "./LenientReading.ts"

/** What a token endpoint answered (RFC 6749 section 5.1); `expires_in` is in seconds. */
export interface OAuthToken {
  readonly access_token: string
  /** "Bearer", in whatever case the server writes it. */
  readonly token_type: string
  /** Seconds from when the answer was made. */
  readonly expires_in?: number
  readonly scope?: string
  readonly refresh_token?: string
}

/** RFC 6749 A.12: what a header can carry; anything else would end up in the message of the error that refuses to send it. */
const isAccessToken: Shape<string> = (value): value is string => isText(value) && /^[\x20-\x7e]+$/.test(value)

export const tokenShapes: Shapes<OAuthToken> = {
  access_token: isAccessToken,
  token_type: isText,
  expires_in: isFiniteNumber,
  scope: isText,
  refresh_token: isText,
}

/** What a server answered to a registration (RFC 7591 section 3.2.1). */
export interface OAuthClientInformationFull {
  readonly client_id: string
  readonly client_secret?: string
  /** Seconds since the epoch. */
  readonly client_id_issued_at?: number
  /** Seconds since the epoch; 0 is never. */
  readonly client_secret_expires_at?: number
  readonly redirect_uris?: ReadonlyArray<string>
  readonly token_endpoint_auth_method?: string
  readonly grant_types?: ReadonlyArray<string>
  readonly response_types?: ReadonlyArray<string>
  readonly scope?: string
  readonly application_type?: string
  readonly client_name?: string
  readonly client_uri?: string
  readonly logo_uri?: string
  readonly contacts?: ReadonlyArray<string>
  readonly tos_uri?: string
  readonly policy_uri?: string
  readonly jwks_uri?: string
  readonly jwks?: unknown
  readonly software_id?: string
  readonly software_version?: string
}

export const clientShapes: Shapes<OAuthClientInformationFull> = {
  client_id: isText,
  client_secret: isText,
  client_id_issued_at: isFiniteNumber,
  client_secret_expires_at: isFiniteNumber,
  redirect_uris: isTexts,
  token_endpoint_auth_method: isText,
  grant_types: isTexts,
  response_types: isTexts,
  scope: isText,
  application_type: isText,
  client_name: isText,
  client_uri: isText,
  logo_uri: isText,
  contacts: isTexts,
  tos_uri: isText,
  policy_uri: isText,
  jwks_uri: isText,
  jwks: (value): value is unknown => value !== undefined,
  software_id: isText,
  software_version: isText,
}

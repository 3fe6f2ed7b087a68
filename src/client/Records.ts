/**
 * The shapes of what authorization servers send a client: tokens (RFC 6749 5.1) and client information (RFC 7591 3.2.1).
 *
 * Servers of every make answer here, and may send members that this file does not know.
 */
import type { OAuthClientInformationFull, OAuthToken } from "../protocol/index.ts"
import { isFiniteNumber, isText, isTexts, type Shape, type Shapes } from "./LenientReading.ts"

/** RFC 6749 A.12: what a header can carry; anything else would end up in the message of the error that refuses to send it. */
const isAccessToken: Shape<string> = (value): value is string => isText(value) && /^[\x20-\x7e]+$/.test(value)

export const tokenShapes: Shapes<OAuthToken> = {
  access_token: isAccessToken,
  token_type: isText,
  expires_in: isFiniteNumber,
  scope: isText,
  refresh_token: isText,
}

export const clientShapes: Shapes<OAuthClientInformationFull> = {
  client_id: isText,
  client_secret: isText,
  client_id_issued_at: isFiniteNumber,
  client_secret_expires_at: isFiniteNumber,
  registration_access_token: isText,
  registration_client_uri: isText,
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

/**
 * The introspection answer (RFC 7662 2.2), as grantlog gives it: put together here and nowhere else.
 *
 * Whether a token is alive, and who may ask about it, is decided before.
 */
import { actOf, type Act } from "./Act.ts"
import type { AuthorizationDetail } from "./AuthorizationDetails.ts"
import { formatScopes } from "./Scope.ts"
import type { VerifiedAccess } from "./VerifiedAccess.ts"

/** What grantlog answers; times in seconds since the epoch. */
export type Introspection =
  | { readonly active: false }
  | {
      readonly active: true
      /** The client that the token was issued to. */
      readonly client_id: string
      /** Who granted it; absent where a client acts for itself, so that nobody takes a client for a person. */
      readonly sub?: string
      /** Absent only when somebody else's provider gives tokens that never end. */
      readonly exp?: number
      /** When it was issued, seconds since the epoch. */
      readonly iat?: number
      /** The issuer. */
      readonly iss: string
      /** How it is presented, or that it is a refresh token. */
      readonly token_type: "Bearer" | "DPoP" | "refresh_token"
      /** The key that the token is bound to (RFC 9449 6.2). */
      readonly cnf?: { readonly jkt: string }
      /** Its scopes, separated by spaces; absent where it has none. */
      readonly scope?: string
      /** The resource or resources that it is for; absent where it names none. */
      readonly aud?: string | ReadonlyArray<string>
      /** Who acts for the subject (RFC 8693 4.1). */
      readonly act?: Act
      /** Who alone may act further (RFC 8693 4.4). */
      readonly may_act?: { readonly sub: string }
      /** When the person last proved who they are, seconds since the epoch (RFC 9470 6.2); absent where that is not known. */
      readonly auth_time?: number
      /** How strongly they did (RFC 9470 6.2); absent where that is not known. */
      readonly acr?: string
      /** What else it allows (RFC 9396 9.2); absent where it names nothing. */
      readonly authorization_details?: ReadonlyArray<AuthorizationDetail>
    }

/** The answer about every token that is not alive, or not the caller's to ask about. */
export const inactive: Introspection = { active: false }

/** What there is to say of a token that is alive; an absent subject may be written as `null` by other providers. */
export interface IntrospectedToken extends Pick<
  VerifiedAccess,
  | "scopes"
  | "expiresAt"
  | "issuedAt"
  | "resource"
  | "authorizationDetails"
  | "jkt"
  | "actors"
  | "mayAct"
  | "authTime"
  | "acr"
> {
  readonly kind: "access" | "refresh"
  readonly issuer: string
  readonly clientId: string
  readonly subject?: string | null
}

/** The answer about a token that is alive. */
export const introspectionAnswer = (token: IntrospectedToken): Introspection => {
  const { kind, issuer, clientId, subject, scopes, resource, expiresAt, issuedAt, jkt, mayAct } = token
  const { authorizationDetails: details, authTime, acr } = token
  const act = actOf(token.actors ?? [])
  return {
    active: true,
    client_id: clientId,
    //= OAUTH21-7.4-sub-namespace
    ...(subject === undefined || subject === null ? {} : { sub: subject }),
    iss: issuer,
    ...(scopes.length === 0 ? {} : { scope: formatScopes(scopes) }),
    ...(resource.length === 0 ? {} : { aud: resource.length === 1 ? resource[0]! : Object.freeze([...resource]) }),
    //= RFC9396-9.2-introspection
    ...(details === undefined ? {} : { authorization_details: details }),
    ...(kind === "refresh" ? { token_type: "refresh_token" } : presentation(jkt)),
    ...(expiresAt === undefined ? {} : { exp: expiresAt }),
    ...(issuedAt === undefined ? {} : { iat: issuedAt }),
    ...(act === undefined ? {} : { act }),
    ...(mayAct === undefined ? {} : { may_act: { sub: mayAct } }),
    ...(authTime === undefined ? {} : { auth_time: authTime }),
    ...(acr === undefined ? {} : { acr }),
  }
}

/** How an access token is to be presented (RFC 9449 6.2). */
const presentation = (jkt: string | undefined) =>
  jkt === undefined ? { token_type: "Bearer" as const } : { token_type: "DPoP" as const, cnf: { jkt } }

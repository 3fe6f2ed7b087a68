/**
 * What introspection says of a token that is alive, by what events and rows have of it.
 *
 * The server's answer now and the audit's as of a moment are this one. Who may be told is decided before.
 */
import { detailOf } from "../protocol/AuthorizationDetails.ts"
import { introspectionAnswer, type Introspection } from "../protocol/Introspection.ts"
import type { Descent } from "./Event.ts"
import type { LoginContext } from "./LoginContext.ts"
import { wholeSeconds } from "./Time.ts"

/** Whose token it is: a grant, or a row that has as much of one. */
interface Owner {
  readonly clientId: string
  readonly subjectId: string | null
  /** Of what came of other tokens (RFC 8693). */
  readonly descent?: Pick<Descent, "actors" | "mayAct"> | null | undefined
  /** Of an access token that goes back to one. */
  readonly login?: LoginContext | null | undefined
}

interface LiveToken {
  readonly scopes: ReadonlyArray<string>
  readonly resources: ReadonlyArray<string>
  readonly authorizationDetails?: ReadonlyArray<string>
  /** Absent of a refresh token, which is not presented to resources. */
  readonly jkt?: string | null
  readonly issuedAt: number
  readonly expiresAt: number
}

export const introspectionOf = (
  kind: "access" | "refresh",
  issuer: string,
  { clientId, subjectId, descent, login }: Owner,
  { scopes, resources, authorizationDetails: details, jkt = null, issuedAt, expiresAt }: LiveToken,
): Introspection =>
  introspectionAnswer({
    kind,
    issuer,
    clientId,
    subject: subjectId,
    scopes,
    resource: resources,
    issuedAt: wholeSeconds(issuedAt),
    expiresAt: wholeSeconds(expiresAt),
    ...(details === undefined ? {} : { authorizationDetails: details.map(detailOf) }),
    ...(jkt === null ? {} : { jkt }),
    ...actingOf(descent),
    ...authenticationOf(login),
  })

/** When and how strongly somebody signed in, as a record of the token has it. */
//= RFC9470-6.2-introspection
export const authenticationOf = (login: Owner["login"]): { readonly authTime?: number; readonly acr?: string } => {
  if (login === undefined || login === null) return {}
  const { authTime, acr } = login
  return { authTime: wholeSeconds(authTime), ...(acr === undefined ? {} : { acr }) }
}

/** Who acts, and who may, as a record of the token has it. */
export const actingOf = (
  descent: Owner["descent"],
): { readonly actors?: ReadonlyArray<string>; readonly mayAct?: string } => {
  if (descent === undefined || descent === null) return {}
  const { actors, mayAct } = descent
  return { ...(actors.length === 0 ? {} : { actors }), ...(mayAct === null ? {} : { mayAct }) }
}

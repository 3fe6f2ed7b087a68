/**
 * What an introspection endpoint says of a token (RFC 7662 2.2), whoever runs it.
 *
 * Only `active` has to be there. A member that is `null` or empty counts as absent; a number may come as text, and a list
 * in place of a text with spaces, as some servers send them. Where a member that decides who is let in can still not be
 * read, the endpoint is at fault: that is told to the operator, and is never an opinion about the token.
 */
import { actorsIn } from "./Act.ts"
import type { AuthorizationDetail } from "./AuthorizationDetails.ts"
import { scopeTokens } from "./Scope.ts"
import { expecting, isObject, listOf, objectWith, text, type Rule } from "./Shape.ts"
import type { VerifiedAccess } from "./VerifiedAccess.ts"

/** An answer of the right shape: {@link shape} has looked at each member that is read as more than `unknown`. */
interface Answer {
  readonly active: boolean
  readonly client_id?: string | number | null
  readonly sub?: string | number | null
  readonly scope?: string | ReadonlyArray<string> | null
  readonly exp?: string | number | null
  readonly aud?: string | ReadonlyArray<string> | null
  readonly token_type?: string | null
  readonly cnf?: unknown
  readonly iat?: unknown
  readonly act?: unknown
  readonly auth_time?: unknown
  readonly acr?: unknown
  readonly may_act?: unknown
  readonly authorization_details?: ReadonlyArray<AuthorizationDetail> | null
}

/** Absent, `null` or empty: three ways to say nothing. */
const isNothing = (value: unknown): value is undefined | null | "" =>
  value === undefined || value === null || value === ""

const orNothing =
  (rule: Rule): Rule =>
  (value, at) =>
    isNothing(value) ? undefined : rule(value, at)

/** Whole numbers that are exact: of larger ones two would be read as one. */
const name = expecting("a name", (value) => typeof value === "string" || Number.isSafeInteger(value))
const isSeconds = (value: unknown): boolean =>
  typeof value === "string" ? /^-?\d{1,15}(?:\.\d{1,9})?$/.test(value) : Number.isFinite(value)
const words: Rule = (value, at) => (Array.isArray(value) ? listOf(text) : text)(value, at)

const isDetail = (value: unknown): boolean => isObject(value) && typeof value["type"] === "string"

const standing = objectWith({
  required: { active: expecting("a boolean", (value) => typeof value === "boolean") },
  optional: {},
  isOpen: true,
})
const members = objectWith({
  required: {},
  optional: {
    client_id: orNothing(name),
    sub: orNothing(name),
    scope: orNothing(words),
    exp: orNothing(expecting("a number", isSeconds)),
    aud: orNothing(words),
    token_type: orNothing(text),
    // Who is let in may depend on who acts.
    act: orNothing(expecting("an actor by its sub", (value) => actorsIn(value) !== undefined)),
    // And on what is allowed besides.
    authorization_details: orNothing(listOf(expecting("an object with a type", isDetail))),
  },
  isOpen: true,
})

/** Of a token that is not alive nothing more is looked at. */
const shape: Rule = (value, at) => standing(value, at) ?? ((value as Answer).active ? members(value, at) : undefined)

const nameOf = (value: Answer["sub"]): string | undefined => (isNothing(value) ? undefined : String(value))
const listIn = (value: Answer["aud"]): ReadonlyArray<string> => [value ?? []].flat().filter((one) => one !== "")
const secondsOf = (value: unknown): number | undefined => (isSeconds(value) ? Number(value) : undefined)

/**
 * How the token is used: by anybody, by the owner of a key, or not at all here, as a refresh token or one that is bound to
 * something that nobody here can prove.
 */
//= RFC9449-7.2-no-bearer-downgrade
const useOf = ({ token_type, cnf }: Answer): { readonly jkt?: string } | undefined => {
  const type = (token_type || "Bearer").toLowerCase()
  if ((cnf ?? undefined) === undefined) return type === "bearer" ? {} : undefined
  if (!isObject(cnf) || Object.keys(cnf).some((name) => name !== "jkt")) return undefined
  const { jkt } = cnf
  return typeof jkt === "string" && jkt !== "" && (type === "dpop" || type === "bearer") ? { jkt } : undefined
}

/** Who alone may act, where that is somebody of this issuer, by a name. */
const mayActIn = (claim: unknown): { readonly mayAct?: string } =>
  isObject(claim) && typeof claim["sub"] === "string" ? { mayAct: claim["sub"] } : {}

const jsonIn = (body: string): unknown => {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}

/** The access, nothing for a token that is of no use `now` (milliseconds since the epoch), or what is wrong with the answer. */
export const readIntrospection = (
  token: string,
  body: string,
  now: number,
): { readonly access: VerifiedAccess | undefined } | { readonly fault: string } => {
  const json = jsonIn(body)
  if (json === undefined) return { fault: "is no JSON" }
  const fault = shape(json, "")
  if (fault !== undefined) return { fault: `is not one of RFC 7662: ${fault}` }
  const answer = json as Answer
  const expiresAt = secondsOf(answer.exp)
  const isOver = expiresAt !== undefined && now >= expiresAt * 1000
  const use = useOf(answer)
  if (!answer.active || use === undefined || isOver) return { access: undefined }

  const issuedAt = secondsOf(answer.iat)
  const authTime = secondsOf(answer.auth_time)
  const clientId = nameOf(answer.client_id)
  const named = nameOf(answer.sub)
  // Other servers name the client itself where nobody granted anything (RFC 9068 2.2): that is no subject.
  const subject = named === clientId ? undefined : named
  const { sub: _, ...claims } = answer
  return {
    access: {
      token,
      ...(clientId === undefined ? {} : { clientId }),
      scopes: listIn(answer.scope).flatMap(scopeTokens),
      ...(expiresAt === undefined ? {} : { expiresAt }),
      ...(issuedAt === undefined ? {} : { issuedAt }),
      resource: listIn(answer.aud),
      ...use,
      //= RFC8693-4.1-only-current-actor
      ...(isNothing(answer.act) ? {} : { actors: actorsIn(answer.act)! }),
      // What cannot be read of these counts as not said: who demands something of the login lets nobody in by it.
      ...(authTime === undefined ? {} : { authTime }),
      ...(typeof answer.acr === "string" && answer.acr !== "" ? { acr: answer.acr } : {}),
      ...mayActIn(answer.may_act),
      ...(isNothing(answer.authorization_details) ? {} : { authorizationDetails: answer.authorization_details }),
      ...(subject === undefined ? { claims } : { subject, claims: { sub: subject, ...claims } }),
    },
  }
}

/** The parameter `authorization_details`, read: a JSON array of objects, each with a type (RFC 9396 2). */
import { MAX_DETAILS, detailText, type AuthorizationDetail } from "../../../protocol/index.ts"
import { oauthError, type OAuthError } from "../../OAuthError.ts"
import type { Features } from "../Features.ts"
import type { Parameters } from "../Form.ts"

export const detailsFault = (sentence: string): OAuthError => oauthError("invalid_authorization_details", sentence)

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isDetail = (value: unknown): value is AuthorizationDetail => detailText(value) !== undefined

/** The details of a parameter; `undefined` where it was not sent. Whether their types are known is not asked. */
export const readDetails = (text: string | undefined): ReadonlyArray<AuthorizationDetail> | OAuthError | undefined => {
  if (text === undefined) return undefined
  const listed = jsonOf(text)
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > MAX_DETAILS) {
    return detailsFault(`authorization_details is no JSON array of 1 to ${MAX_DETAILS} objects`)
  }
  return listed.every(isDetail)
    ? listed
    : detailsFault("authorization_details has what is no object with a type, is too large, or is nested too deeply")
}

/** Why details of these types cannot be asked for here, whoever asks; `undefined` where they can. */
//= RFC9396-5-unknown-type
export const unservedFault = (
  types: Features["authorizationDetailsTypes"],
  details: ReadonlyArray<AuthorizationDetail> = [],
): OAuthError | undefined => {
  if (!details.every(({ type }) => types.has(type))) {
    const known = [...types.keys()].join(", ")
    return detailsFault(known === "" ? "no type of them is known here" : `the types that are known here are ${known}`)
  }
  const fault = details.map((detail) => types.get(detail.type)!.fault(detail)).find((one) => one !== undefined)
  return fault === undefined ? undefined : detailsFault(fault)
}

/** A request of a kind that has no details is not answered as though it had asked for none. */
export const detailsOutOfPlace = (form: Parameters, kind: string): OAuthError | undefined =>
  form.get("authorization_details") === undefined
    ? undefined
    : detailsFault(`authorization_details cannot be had by ${kind}`)

/**
 * The model's tokens that nobody is asked for: for the client itself, or for whom a policy or an identity provider speaks.
 *
 * RFC 6749 4.4; for assertions of an identity provider, the draft of ID-JAG. Such a token is a grant of its own, without
 * refresh token, for who was vouched for.
 */
import type { OAuthErrorCode } from "../../src/protocol/index.ts"
import { JWT_BEARER, type Detail, type OperationOf } from "../Operation.ts"
import { isOfferedTo, tokenObjection } from "./Clients.ts"
import { isRegisteredForDetail, offered } from "./Access.ts"
import { fromNothing, handOut, isBarred } from "./Grants.ts"
import { lifetimesOf, refuse, type Expected, type GrantThing, type Model } from "./Things.ts"

type Asking = OperationOf<"ClientCredentials">

/** What every assertion is for; the resources are all that there are. */
export const ASSERTED_SCOPES: ReadonlyArray<string> = ["read", "write"]

export const clientCredentials = (model: Model, operation: Asking): Expected => {
  const { by, subject = null, key = null, assertion } = operation
  const grantType = assertion === undefined ? "client_credentials" : JWT_BEARER
  const error = tokenObjection(model, operation, grantType)
  if (error !== undefined) return refuse(model, error)
  if (!isOfferedTo(model, model.clients[by]!, grantType)) return refuse(model, "unauthorized_client")
  if (assertion !== undefined && model.clients[by]!.profile.isPublic) return refuse(model, "invalid_client")
  if (assertion !== undefined && assertion !== "right") return refuse(model, "invalid_grant")
  const asked = assertion === undefined ? operation : asserted(model, operation)
  if (typeof asked === "string") return refuse(model, asked)
  if (subject !== null && isBarred(model, subject)) return refuse(model, "access_denied")
  if (!model.isInitialized) return refuse(model, "temporarily_unavailable")
  const { profile } = model.clients[by]!
  // What nobody is asked for needs somebody who has vouched for it.
  const isVouched = (one: Detail) => !profile.isSelfRegistered && isRegisteredForDetail(profile, one) === true
  if (!(operation.details ?? []).every(isVouched)) return refuse(model, "invalid_authorization_details")
  const given = offered(model, by, asked)
  if (typeof given === "string") return refuse(model, given)
  const expiresAt = model.at + lifetimesOf(model, by).accessToken
  const own: GrantThing = {
    client: by,
    subject,
    ...given,
    key: null,
    hasRefresh: false,
    code: "none",
    codeExpiresAt: model.at,
    expiresAt,
    end: null,
    ...fromNothing,
  }
  return handOut({ ...model, grants: [...model.grants, own] }, model.grants.length, null, given, key, null)
}

/** What is asked for of what the assertion is for: all of it, where nothing is named. */
const asserted = (
  { policy }: Model,
  { scopes, resources }: Asking,
): Pick<Asking, "scopes" | "resources"> | OAuthErrorCode => {
  const all = policy.resources ?? []
  if (scopes?.some((one) => !ASSERTED_SCOPES.includes(one)) === true) return "invalid_scope"
  if (resources?.some((one) => !all.includes(one)) === true) return "invalid_target"
  return {
    scopes: scopes === null || scopes.length === 0 ? ASSERTED_SCOPES : scopes,
    resources: resources === null || resources.length === 0 ? all : resources,
  }
}

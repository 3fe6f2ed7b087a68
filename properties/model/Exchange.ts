/**
 * The model's exchanges (RFC 8693): one access token for another, which is less and ends with it.
 *
 * A grant knows the tokens that were exchanged for it and nothing more: what those came of is walked, every time.
 */
import type { OperationOf, Presented, Ref } from "../Operation.ts"
import { TOKEN_EXCHANGE } from "../Operation.ts"
import { isOfferedTo, tokenObjection } from "./Clients.ts"
import { isRegisteredForDetail, narrowed } from "./Access.ts"
import { handOut } from "./Grants.ts"
import {
  isAccessAlive,
  isSuspended,
  lifetimesOf,
  refuse,
  type Expected,
  type GrantThing,
  type Model,
} from "./Things.ts"

const MAX_ANCESTORS = 8

/** A token and all that it came of. */
const lineOf = (model: Model, token: Ref): ReadonlyArray<Ref> => [
  token,
  ...model.grants[model.accessTokens[token]!.grant]!.from.flatMap((one) => lineOf(model, one)),
]

const isUsable = (model: Model, token: Presented): token is Ref =>
  token !== "made up" && isAccessAlive(model, token) && !isSuspended(model, model.accessTokens[token]!.grant)

/** RFC 8693 2.2.2: a token that is not good is `invalid_request`. */
export const exchange = (model: Model, operation: OperationOf<"Exchange">): Expected => {
  const { by, token, actor, key, mayAct } = operation
  const error = tokenObjection(model, operation, TOKEN_EXCHANGE)
  if (error !== undefined) return refuse(model, error)
  const { profile } = model.clients[by]!
  if (!isOfferedTo(model, model.clients[by]!, TOKEN_EXCHANGE)) return refuse(model, "unauthorized_client")
  if (profile.isPublic) return refuse(model, "invalid_client")

  const presented = [token, ...(actor === null ? [] : [actor])]
  if (!presented.every((one) => isUsable(model, one))) return refuse(model, "invalid_request")
  const used = presented as ReadonlyArray<Ref>
  const things = used.map((one) => model.accessTokens[one]!)
  if (things.some((one) => one.key !== null && one.key !== key)) return refuse(model, "invalid_request")

  const subject = model.grants[things[0]!.grant]!
  if (subject.mayAct !== null && subject.mayAct !== acting(model, operation)) return refuse(model, "invalid_request")
  const line = new Set(used.flatMap((one) => lineOf(model, one)))
  if (line.size > MAX_ANCESTORS) return refuse(model, "invalid_request")

  const given = narrowed(things[0]!, operation)
  if (typeof given === "string") return refuse(model, given)
  const { scopes: all, defaultScopes } = model.policy
  const there = profile.scopes?.filter((scope) => all.includes(scope)) ?? all
  const possible = there.length > 0 ? there : defaultScopes
  const isBeyond = operation.scopes?.some((scope) => !possible.includes(scope)) ?? false
  const scopes = given.scopes.filter((scope) => possible.includes(scope))
  if (isBeyond || scopes.length === 0) return refuse(model, "invalid_scope")
  const details = given.details.filter((one) => isRegisteredForDetail(profile, one) !== false)
  const isAsked = (operation.details ?? []).length > 0
  if (isAsked && details.length < given.details.length) return refuse(model, "invalid_authorization_details")

  const expiresAt = Math.min(model.at + lifetimesOf(model, by).accessToken, ...things.map((one) => one.expiresAt))
  const { resources } = given
  const opened: GrantThing = {
    client: by,
    subject: subject.subject,
    scopes,
    resources,
    details,
    key: null,
    hasRefresh: false,
    code: "none",
    codeExpiresAt: model.at,
    expiresAt,
    end: null,
    from: used,
    mayAct,
  }
  const opening = { ...model, grants: [...model.grants, opened] }
  return handOut(opening, model.grants.length, null, { scopes, resources, details }, key, null)
}

/** The client that acts; nobody's number where a subject does. */
const acting = (model: Model, { by, actor }: OperationOf<"Exchange">): Ref | "a subject" => {
  if (actor === null || actor === "made up") return by
  const { client, subject } = model.grants[model.accessTokens[actor]!.grant]!
  return subject === null ? client : "a subject"
}

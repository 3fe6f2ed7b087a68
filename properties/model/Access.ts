/**
 * What the model gives of what is asked for: of what there is, when a grant is opened; of what was granted, ever after.
 *
 * RFC 6749 3.3 for scopes, RFC 8707 for resources, RFC 9396 6 for details.
 */
import { isOfferedTo } from "./Clients.ts"
import type { AccessThing, Model, Policy } from "./Things.ts"
import type { Detail, Profile, Ref } from "../Operation.ts"

const none: ReadonlyArray<Detail> = []

type Names = ReadonlyArray<string>

const isWithin = (asked: Names, granted: Names): boolean => asked.every((one) => granted.includes(one))
export const isSame = (left: Names, right: Names): boolean => isWithin(left, right) && isWithin(right, left)
/** An empty list names nothing, like none. */
const named = (list: Names | null): Names | null => (list === null || list.length === 0 ? null : list)

type Asked = {
  readonly scopes: Names | null
  readonly resources: Names | null
  readonly details?: ReadonlyArray<Detail>
}
export type Given = Pick<AccessThing, "scopes" | "resources" | "details">
type Excess = "invalid_scope" | "invalid_target" | "invalid_authorization_details"

/** What a new grant gets of what is offered: RFC 6749 3.3 for scopes, RFC 8707 2.1 for resources, RFC 9396 for details. */
export const offered = (model: Model, client: Ref, asked: Asked): Given | "invalid_scope" | "invalid_target" => {
  const scopes = offeredScopes(model, client, named(asked.scopes))
  if (scopes === "invalid_scope" || scopes.length === 0) return "invalid_scope"
  const resources = offeredResources(model.policy, named(asked.resources))
  return resources === "invalid_target" ? resources : { scopes, resources, details: asked.details ?? none }
}

/**
 * What is known of what is asked for, which the client has to be registered for; where nothing is, the default for who
 * registered such scopes, or asks for refresh tokens that it may have.
 */
const offeredScopes = (model: Model, client: Ref, asked: Names | null): Names | "invalid_scope" => {
  const { profile } = model.clients[client]!
  const { scopes: all, defaultScopes } = model.policy
  const there = profile.scopes?.filter((scope) => all.includes(scope)) ?? all
  const possible = there.length > 0 ? there : defaultScopes
  const common = defaultScopes.filter((scope) => possible.includes(scope))
  const defaults = common.length > 0 ? common : possible
  if (asked === null) return defaults
  const known = asked.filter((scope) => all.includes(scope))
  if (known.length > 0) return isWithin(known, possible) ? known : "invalid_scope"
  const understood = [...(profile.scopes ?? []), ...(hasRefresh(model, client) ? ["offline_access"] : [])]
  return isWithin(asked, understood) ? defaults : "invalid_scope"
}

/** RFC 8707 2.1: one that is known, by itself or by an origin that is of no other; the one that is meant if none is named. */
const offeredResources = ({ resources, defaultResource, isGuessed }: Policy, asked: Names | null) => {
  const known = resources ?? []
  if (asked !== null) {
    const meant = asked.map((one) => meantBy(one, known) ?? one)
    return resources === null || isWithin(meant, resources) ? [...new Set(meant)] : "invalid_target"
  }
  if (defaultResource !== undefined) return [defaultResource]
  // What somebody else's server takes a silent request to mean is for it to say.
  if (isGuessed === true) return []
  return known.length > 1 ? "invalid_target" : known
}

const meantBy = (asked: string, known: Names): string | undefined => {
  if (known.includes(asked)) return asked
  const there = known.filter((one) => URL.parse(one)?.origin === asked)
  return there.length === 1 ? there[0] : undefined
}

export const hasRefresh = (model: Model, client: Ref): boolean => {
  const thing = model.clients[client]!
  return thing.profile.grantTypes.includes("refresh_token") && isOfferedTo(model, thing, "refresh_token")
}

/** What a token gets of what was granted: all of it, or the part that was asked for. */
export const narrowed = (grant: Given, asked: Asked): Given | Excess => {
  const [scopes, resources] = [named(asked.scopes), named(asked.resources)]
  if (scopes !== null && !isWithin(scopes, grant.scopes)) return "invalid_scope"
  const meant = resources?.map((one) => meantBy(one, grant.resources))
  if (meant?.includes(undefined)) return "invalid_target"
  const details = asked.details === undefined || asked.details.length === 0 ? grant.details : asked.details
  if (!details.every((one) => isAllowed(grant.details, one))) return "invalid_authorization_details"
  return {
    scopes: scopes === null ? grant.scopes : grant.scopes.filter((one) => scopes.includes(one)),
    resources: meant === undefined ? grant.resources : grant.resources.filter((one) => meant.includes(one)),
    details,
  }
}

/** Whether a client registered for such a detail; `undefined` where it registered for none in particular. */
export const isRegisteredForDetail = ({ detailTypes }: Profile, detail: Detail): boolean | undefined =>
  detailTypes?.includes(detail === "accounts" ? "accounts" : "payments")

/** RFC 9396 6: what was granted, or less of it. */
export const isAllowed = (granted: ReadonlyArray<Detail>, detail: Detail): boolean =>
  granted.includes(detail) || (detail === "some payments" && granted.includes("payments"))

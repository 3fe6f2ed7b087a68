/**
 * Which thing of the model each observed thing is.
 *
 * Things are numbered by whoever observes them, in the order they came to light; the model numbers them in the order it
 * makes them, which is another for every order of the calls. A number belongs to one thing on either side, for ever.
 */
import type { Operation, Presented, Ref, Reply } from "../Operation.ts"
import type { Model } from "../Model.ts"

export type Kind = "clients" | "grants" | "refreshTokens" | "accessTokens"

/** For each kind, the model's number by the observed one. */
export type Numbers = Readonly<Record<Kind, Readonly<Record<Ref, Ref>>>>

/** Numbers under which everything that `model` has was observed as it is numbered there. */
export const sameNumbers = (model: Model): Numbers => {
  const same = (things: ReadonlyArray<unknown>) => Object.fromEntries(things.map((_, ref) => [ref, ref]))
  return {
    clients: same(model.clients),
    grants: same(model.grants),
    refreshTokens: same(model.refreshTokens),
    accessTokens: same(model.accessTokens),
  }
}

/** The number under which the model's `own` was observed. */
export const observedAs = (numbers: Numbers, kind: Kind, own: Ref): Ref | undefined => {
  const found = Object.entries(numbers[kind]).find(([, number]) => number === own)
  return found === undefined ? undefined : Number(found[0])
}

/** With `observed` being `own`; `undefined` when either of them is something else already. */
export const bind = (numbers: Numbers, kind: Kind, observed: Ref, own: Ref): Numbers | undefined => {
  const known = numbers[kind][observed]
  if (known !== undefined) return known === own ? numbers : undefined
  return observedAs(numbers, kind, own) === undefined
    ? { ...numbers, [kind]: { ...numbers[kind], [observed]: own } }
    : undefined
}

/** `operation` in the model's numbers; what has not come into being there is the next of its kind, or made up. */
export const operationIn = (model: Model, numbers: Numbers, operation: Operation): Operation => {
  const next = (kind: Kind, ref: Ref): Ref => numbers[kind][ref] ?? model[kind].length
  const shown = (kind: Kind, token: Presented): Presented =>
    token === "made up" ? token : (numbers[kind][token] ?? "made up")
  switch (operation._tag) {
    case "Register":
    case "Update":
    case "RotateSecret":
    case "DisableClient":
    case "EnableClient":
    case "DeleteClient":
      return { ...operation, client: next("clients", operation.client) }
    case "Approve":
    case "Deny":
      return { ...operation, client: next("clients", operation.client), grant: next("grants", operation.grant) }
    case "Redeem":
      return { ...operation, by: next("clients", operation.by), code: shown("grants", operation.code) }
    case "Refresh":
      return { ...operation, by: next("clients", operation.by), token: shown("refreshTokens", operation.token) }
    case "ClientCredentials":
      return { ...operation, by: next("clients", operation.by) }
    case "Exchange": {
      const { by, token, actor, mayAct } = operation
      return {
        ...operation,
        by: next("clients", by),
        token: shown("accessTokens", token),
        actor: actor === null ? null : shown("accessTokens", actor),
        mayAct: mayAct === null ? null : next("clients", mayAct),
      }
    }
    case "Revoke": {
      const kind = operation.kind === "access" ? "accessTokens" : "refreshTokens"
      return { ...operation, by: next("clients", operation.by), token: shown(kind, operation.token) }
    }
    case "RevokeGrant":
      return { ...operation, grant: next("grants", operation.grant) }
    case "Verify":
      return { ...operation, token: shown("accessTokens", operation.token) }
    default:
      return operation
  }
}

/** `reply` in the model's numbers; what was not observed before is the next of its kind. */
export const replyIn = (model: Model, numbers: Numbers, reply: Reply): Reply => {
  const own = (kind: Kind, ref: Ref): Ref => numbers[kind][ref] ?? model[kind].length
  switch (reply._tag) {
    case "Tokens": {
      const refresh = reply.refresh === null ? null : own("refreshTokens", reply.refresh)
      return { ...reply, access: own("accessTokens", reply.access), refresh }
    }
    case "Code":
      return { ...reply, grant: own("grants", reply.grant) }
    case "Stored":
    case "Active":
      return { ...reply, client: own("clients", reply.client) }
    default:
      return reply
  }
}

/** With what the reply, observed and the model's own, shows to be the same; `undefined` when that cannot be. */
export const boundBy = (numbers: Numbers, observed: Reply, own: Reply): Numbers | undefined => {
  if (observed._tag === "Tokens" && own._tag === "Tokens") {
    const bound = bind(numbers, "accessTokens", observed.access, own.access)
    if (observed.refresh === null || own.refresh === null) return observed.refresh === own.refresh ? bound : undefined
    return bound && bind(bound, "refreshTokens", observed.refresh, own.refresh)
  }
  if (observed._tag === "Code" && own._tag === "Code") return bind(numbers, "grants", observed.grant, own.grant)
  if (observed._tag === "Stored" && own._tag === "Stored") return bind(numbers, "clients", observed.client, own.client)
  if (observed._tag === "Active" && own._tag === "Active") return bind(numbers, "clients", observed.client, own.client)
  return numbers
}

/** What an operation that was answered, or may have been carried out, made under the number its caller chose. */
export const boundByCall = (
  numbers: Numbers,
  before: Model,
  after: Model,
  operation: Operation,
): Numbers | undefined => {
  if (operation._tag === "Register" && after.clients.length > before.clients.length) {
    return bind(numbers, "clients", operation.client, before.clients.length)
  }
  if ((operation._tag === "Approve" || operation._tag === "Deny") && after.grants.length > before.grants.length) {
    return bind(numbers, "grants", operation.grant, before.grants.length)
  }
  return numbers
}

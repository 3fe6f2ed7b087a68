/**
 * The model's pushed requests (RFC 9126): judged when they are pushed, for the client that pushed them alone, answered once.
 *
 * What is approved of one is judged again like any other request (`Grants.ts`).
 */
import type { OperationOf } from "../Operation.ts"
import { isOfferedTo, objection } from "./Clients.ts"
import { offered } from "./Access.ts"
import { PUSHED_MILLIS, done, refuse, type Expected, type Model, type PushedThing } from "./Things.ts"

export const push = (model: Model, operation: OperationOf<"Push">): Expected => {
  const { by: client, redirectUri, key, scopes, resources } = operation
  const error = objection(model, operation)
  if (error !== undefined) return refuse(model, error)
  if (redirectUri === "unregistered") return refuse(model, "invalid_request")
  const thing = model.clients[client]!
  const isPossible = thing.profile.grantTypes.includes("authorization_code")
  if (!isPossible || !isOfferedTo(model, thing, "authorization_code")) return refuse(model, "unauthorized_client")
  const given = offered(model, client, operation)
  if (typeof given === "string") return refuse(model, given)
  const expiresAt = model.at + PUSHED_MILLIS
  const pushed: PushedThing = { client, redirectUri, key, scopes, resources, expiresAt, isAnswered: false }
  return done({ ...model, pushed: [...model.pushed, pushed] })
}

/** Whether an approval is of a request that was pushed, and cannot be answered as that. */
export const unanswerable = ({ pushed, at }: Model, { pushed: ref, client }: OperationOf<"Approve">): boolean => {
  if (ref === undefined) return false
  const thing = ref === "made up" ? undefined : pushed[ref]
  return thing === undefined || thing.isAnswered || thing.client !== client || at >= thing.expiresAt
}

/** The request of this approval will not be answered again. */
export const answered = (model: Model, { pushed: ref }: OperationOf<"Approve">): Model =>
  typeof ref === "number"
    ? { ...model, pushed: model.pushed.with(ref, { ...model.pushed[ref]!, isAnswered: true }) }
    : model

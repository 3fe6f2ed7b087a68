/** The model's denials: somebody says no, and there is a grant that gives nothing. */
import { fromNothing } from "./Grants.ts"
import { done, refuse } from "./Things.ts"
import type { Expected, GrantThing, Model } from "./Things.ts"
import type { OperationOf } from "../Operation.ts"

export const deny = (
  model: Model,
  { grant, client, subject, redirectUri, isDevice }: OperationOf<"Deny">,
): Expected => {
  if (grant < model.grants.length) return refuse(model, "invalid_request")
  const thing = model.clients[client]
  if (thing === undefined || thing.standing === "deleted") return refuse(model, "invalid_client")
  if (redirectUri === "unregistered") return refuse(model, "invalid_request")
  const denied: GrantThing = {
    client,
    subject,
    scopes: [],
    resources: [],
    details: [],
    key: null,
    hasRefresh: false,
    code: "none",
    ...(isDevice === true ? { isDevice } : {}),
    codeExpiresAt: model.at,
    expiresAt: model.at,
    end: "denied",
    ...fromNothing,
  }
  return done({ ...model, grants: [...model.grants, denied] })
}

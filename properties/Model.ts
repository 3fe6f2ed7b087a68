/**
 * The second specification: sets of live things, and what each operation does to them.
 *
 * Written from the standards and dumber than the machine on purpose: it has no events, no epochs and no rows, it walks
 * every grant to end those of a client, and it remembers everything. Where it and the machine disagree, one of the two
 * is wrong. It knows nothing of digests, versions or storage. Times are milliseconds since the epoch.
 */
import type { Operation, Ref, Reply } from "./Operation.ts"
import { invite, register, rotateSecret, setStanding, update } from "./model/Clients.ts"
import { redeemDevice } from "./model/Devices.ts"
import { exchange } from "./model/Exchange.ts"
import { deny } from "./model/Denying.ts"
import { clientCredentials } from "./model/ForItself.ts"
import { approve, redeem, refresh } from "./model/Grants.ts"
import { push } from "./model/Pushed.ts"
import { revoke } from "./model/Revoking.ts"
import {
  done,
  endGrant,
  endGrants,
  isAccessAlive,
  isSuspended,
  refuse,
  type Expected,
  type Model,
} from "./model/Things.ts"

export * from "./model/Things.ts"

export const expect = (model: Model, operation: Operation): Expected => {
  switch (operation._tag) {
    case "Initialize":
      return model.isInitialized ? refuse(model, "invalid_request") : done({ ...model, isInitialized: true })
    case "Register":
      return register(model, operation)
    case "Update":
      return update(model, operation)
    case "Invite":
      return invite(model)
    case "Push":
      return push(model, operation)
    case "RotateSecret":
      return rotateSecret(model, operation)
    case "DisableClient":
      return setStanding(model, operation.client, "disabled")
    case "EnableClient":
      return setStanding(model, operation.client, "enabled")
    case "DeleteClient":
      return setStanding(model, operation.client, "deleted")
    case "Approve":
      return approve(model, operation)
    case "Deny":
      return deny(model, operation)
    case "Redeem":
      return operation.isDevice === true ? redeemDevice(model, operation) : redeem(model, operation)
    case "Refresh":
      return refresh(model, operation)
    case "ClientCredentials":
      return clientCredentials(model, operation)
    case "Exchange":
      return exchange(model, operation)
    case "Revoke":
      return revoke(model, operation)
    case "RevokeGrant": {
      const { grant, subject } = operation
      const isAllowed = subject === "operator" || model.grants[grant]?.subject === subject
      return done(isAllowed ? endGrant(model, grant, subject === "operator" ? "operator" : "subject") : model)
    }
    case "EndSessions":
      return done(endGrants(model, (grant) => grant.subject === operation.subject, "subject"))
    case "DisableSubject": {
      if (model.forgottenSubjects.includes(operation.subject)) return done(model)
      const ended = endGrants(model, (grant) => grant.subject === operation.subject, "subject")
      return done({ ...ended, disabledSubjects: [...new Set([...model.disabledSubjects, operation.subject])] })
    }
    case "EnableSubject":
      return model.forgottenSubjects.includes(operation.subject)
        ? refuse(model, "access_denied")
        : done({ ...model, disabledSubjects: without(model.disabledSubjects, operation.subject) })
    case "ForgetSubject": {
      const ended = endGrants(model, (grant) => grant.subject === operation.subject, "subject")
      return done({
        ...ended,
        disabledSubjects: without(model.disabledSubjects, operation.subject),
        forgottenSubjects: [...without(model.forgottenSubjects, operation.subject), operation.subject],
      })
    }
    case "RaiseIssuerEpoch":
      return model.isInitialized
        ? done(endGrants(model, () => true, "issuer"))
        : refuse(model, "temporarily_unavailable")
    case "Verify":
      return { reply: lookAt(model, operation.token), model }
    case "Pass":
      return done({ ...model, at: model.at + operation.millis })
  }
}

const without = (subjects: ReadonlyArray<Ref>, subject: Ref): ReadonlyArray<Ref> =>
  subjects.filter((one) => one !== subject)

const lookAt = (model: Model, token: Ref | "made up"): Reply => {
  if (token === "made up" || !isAccessAlive(model, token)) return { _tag: "Inactive" }
  const { grant, scopes, resources, expiresAt } = model.accessTokens[token]!
  const { client, subject } = model.grants[grant]!
  return isSuspended(model, grant)
    ? { _tag: "Inactive" }
    : { _tag: "Active", client, subject, scopes, resources, expiresAt }
}

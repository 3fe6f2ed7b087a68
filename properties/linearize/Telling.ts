/** Operations and replies as a person says them. */
import { expect } from "../Model.ts"
import type { Operation, Presented, Ref, Reply, Step } from "../Operation.ts"
import type { ToldCall } from "../Story.ts"
import type { Telling } from "./History.ts"
import { observedAs, operationIn, type Kind } from "./Numbers.ts"
import type { ModelCall, ModelState } from "./ModelCall.ts"

const thing = (name: string, ref: Presented): string => (ref === "made up" ? `a made-up ${name}` : `${name} ${ref}`)
const by = (ref: Ref): string => `client ${ref}`
/** `, word value` for each that says something. */
const also = (parts: Readonly<Record<string, string | ReadonlyArray<string> | null | false>>): string =>
  Object.entries(parts)
    .filter(([, value]) => value !== null && value !== false)
    .map(
      ([name, value]) =>
        `, ${name}${value === "" ? "" : ` ${typeof value === "string" ? value : (value as ReadonlyArray<string>).join(" ")}`}`,
    )
    .join("")
const unless = (usual: string, value: string): string | null => (value === usual ? null : value)

export const tellOperation = (operation: Operation): string => {
  switch (operation._tag) {
    case "Initialize":
      return "the issuer is set up"
    case "Register":
    case "Update": {
      const { profile, flaw, client } = operation
      const kind = profile.isPublic ? "public" : profile.hasKeys === true ? "confidential by its keys" : "confidential"
      const verb = operation._tag === "Register" ? "registers" : "is changed"
      const invitation = operation._tag === "Register" ? operation.invitation : undefined
      const odd = {
        flawed: flaw,
        scopes: profile.scopes,
        "for bound tokens alone": profile.isBound === true && "",
        with: invitation === undefined ? null : thing("invitation", invitation),
      }
      return `${by(client)} ${verb} as ${kind}${also(odd)}`
    }
    case "Invite":
      return `the operator makes invitation ${operation.invitation}`
    case "RotateSecret":
      return `${by(operation.client)} gets a new secret${operation.hasOverlap === true ? ", and the old one is good for a while" : ""}`
    case "DisableClient":
      return `${by(operation.client)} is disabled`
    case "EnableClient":
      return `${by(operation.client)} is enabled`
    case "DeleteClient":
      return `${by(operation.client)} is deleted`
    case "Push": {
      const { request, authentication, redirectUri, key, scopes, resources } = operation
      const odd = { "redirect URI": unless("loopback", redirectUri), key, scopes, resources }
      return `${by(operation.by)} pushes request ${request}${also({ proof: unless("right", authentication), ...odd })}`
    }
    case "Approve": {
      const { grant, client, subject, basis, redirectUri, key, isLate, scopes, resources, isDevice, details } =
        operation
      const odd = {
        device: isDevice === true && "",
        "redirect URI": unless("loopback", redirectUri),
        key,
        late: isLate && "",
        scopes,
        resources,
        details: details ?? null,
        "as it was pushed": operation.pushed === undefined ? null : thing("request", operation.pushed),
      }
      return `subject ${subject} approves request ${grant} of ${by(client)}${also({ basis: unless("User", basis), ...odd })}`
    }
    case "Deny":
      return `subject ${operation.subject} denies request ${operation.grant} of ${by(operation.client)}${also({ device: operation.isDevice === true && "" })}`
    case "Redeem": {
      const { code, authentication, verifier, redirectUri, resources, key, isDevice, waits, details } = operation
      if (isDevice === true) {
        const what =
          waits === undefined ? thing("device code", code) : `the device code of what ${by(waits.client)} asked`
        const odd = {
          late: waits?.isLate === true && "",
          "twice at once": waits?.isHasty === true && "",
          resources,
          key,
        }
        return `${by(operation.by)} asks with ${what}${also({ secret: unless("right", authentication), ...odd })}`
      }
      const odd = {
        verifier: unless("right", verifier),
        "redirect URI": unless("right", redirectUri),
        resources,
        key,
        details: details ?? null,
      }
      return `${by(operation.by)} redeems ${thing("code", code)}${also({ secret: unless("right", authentication), ...odd })}`
    }
    case "Refresh": {
      const { token, authentication, scopes, resources, key, details = null } = operation
      const odd = { secret: unless("right", authentication), scopes, resources, key, details }
      return `${by(operation.by)} refreshes with ${thing("refresh token", token)}${also(odd)}`
    }
    case "ClientCredentials": {
      const { authentication, scopes, resources, subject, assertion, key = null, details = null } = operation
      const odd = { secret: unless("right", authentication), scopes, resources, key, details }
      const who = assertion === undefined ? "a policy lets it" : "an identity provider says"
      const why = assertion === undefined || assertion === "right" ? who : `an assertion says that is ${assertion}`
      const whose = subject === undefined ? "of its own" : `for subject ${subject}, as ${why}`
      return `${by(operation.by)} asks for a token ${whose}${also(odd)}`
    }
    case "Exchange": {
      const { token, actor, authentication, scopes, resources, key, mayAct, details = null } = operation
      const odd = {
        secret: unless("right", authentication),
        scopes,
        resources,
        key,
        details,
        "for client": mayAct === null ? null : `${mayAct}`,
      }
      const acting = actor === null ? "" : `, acting by ${thing("access token", actor)}`
      return `${by(operation.by)} exchanges ${thing("access token", token)}${acting}${also(odd)}`
    }
    case "Revoke": {
      const { kind, token, cascade, authentication } = operation
      const odd = { secret: unless("right", authentication), cascading: cascade && "" }
      return `${by(operation.by)} revokes ${thing(`${kind} token`, token)}${also(odd)}`
    }
    case "RevokeGrant": {
      const who = operation.subject === "operator" ? "the operator" : `subject ${operation.subject}`
      return `${who} revokes grant ${operation.grant}`
    }
    case "EndSessions":
      return `subject ${operation.subject} signs out everywhere`
    case "DisableSubject":
      return `subject ${operation.subject} is disabled`
    case "EnableSubject":
      return `subject ${operation.subject} is enabled`
    case "ForgetSubject":
      return `subject ${operation.subject} is forgotten`
    case "RaiseIssuerEpoch":
      return "the issuer ends everything"
    case "Verify":
      return `a resource server is shown ${thing("access token", operation.token)}`
    case "Pass":
      return operation.millis < 0
        ? `the clock steps back by ${-operation.millis / 1000} s`
        : `${operation.millis / 1000} s pass`
  }
}

export const tellReply = (reply: Reply): string => {
  switch (reply._tag) {
    case "Stored":
      return `client ${reply.client} as asked`
    case "Code":
      return `code ${reply.grant}`
    case "Tokens": {
      const refresh = reply.refresh === null ? "no refresh token" : `refresh token ${reply.refresh}`
      return `access token ${reply.access} and ${refresh}, for ${reply.scopes.join(" ")}`
    }
    case "Active":
      return `alive, client ${reply.client}, subject ${reply.subject ?? "none"}, for ${reply.scopes.join(" ")}`
    case "Inactive":
      return "not alive"
    case "Refused":
      return `refused, ${reply.error}`
    case "Unavailable":
      return "come again"
    case "Fault":
      return `a fault: ${reply.message}`
    case "Done":
      return "done"
  }
}

/** With what it leaves out when it is told for short: two answers may differ in that alone. */
const tellReplyAt = (reply: Reply, at: number): string => {
  const resources = reply._tag === "Active" && reply.resources.length > 0 ? `, at ${reply.resources.join(" ")}` : ""
  const lifetime = "expiresAt" in reply ? `, ${(reply.expiresAt - at) / 1000} s` : ""
  return `${tellReply(reply)}${resources}${lifetime}`
}

/** A call and what came; in full, and beside it what had to be answered, where that is something else. */
export const tellStep = ({ operation, reply, at }: Step, instead?: Reply): ToldCall => {
  const text = tellOperation(operation)
  if (instead === undefined) return { text, observed: tellReply(reply) }
  return { text, observed: tellReplyAt(reply, at), expected: tellReplyAt(instead, at) }
}

/** A reply of the model in observed numbers; what was not observed yet is new. */
const tellExpected = ({ model, numbers }: ModelState, { operation, times }: ModelCall): string => {
  const told = times.map((at) => {
    const { reply } = expect({ ...model, at }, operationIn(model, numbers, operation))
    const seen = (kind: Kind, own: Ref, name: string) => {
      const observed = observedAs(numbers, kind, own)
      return observed === undefined ? `a new ${name}` : `${name} ${observed}`
    }
    if (reply._tag !== "Tokens") return tellReplyAt(reply, at)
    const access = seen("accessTokens", reply.access, "access token")
    const refresh = reply.refresh === null ? "no refresh token" : seen("refreshTokens", reply.refresh, "refresh token")
    return `${access} and ${refresh}, for ${reply.scopes.join(" ")}, ${(reply.expiresAt - at) / 1000} s`
  })
  return [...new Set(told)].join("; or: ")
}

export const modelTelling: Telling<ModelState, ModelCall, Reply> = {
  call: ({ operation }) => tellOperation(operation),
  answer: (reply, { answeredAt }) => tellReplyAt(reply, answeredAt),
  expected: tellExpected,
}

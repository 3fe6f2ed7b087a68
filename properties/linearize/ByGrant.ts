/**
 * Which grant each call of a history is about: calls about different grants commute, so each grant is explained alone.
 *
 * A call about a client, a subject or the issuer changes what is alive of every grant, so it belongs to every part.
 */
import type { Presented, Ref, Reply } from "../Operation.ts"
import type { History } from "./History.ts"
import type { ModelCall } from "./ModelCall.ts"

/** The part of each call: a grant's name, `undefined` for every part. */
export const byGrant = (history: History<ModelCall, Reply>): ReadonlyArray<string | undefined> => {
  const grants = { access: new Map<Ref, string>(), refresh: new Map<Ref, string>() }
  const of = (kind: "access" | "refresh", token: Presented): string =>
    token === "made up" ? "made up" : (grants[kind].get(token) ?? "made up")

  const partOf = (index: number): string | undefined => {
    const { operation } = history[index]!.call
    switch (operation._tag) {
      case "Approve":
      case "Deny":
      case "RevokeGrant":
        return `grant ${operation.grant}`
      case "Redeem":
        return operation.code === "made up" ? "made up" : `grant ${operation.code}`
      case "Refresh":
        return of("refresh", operation.token)
      case "Verify":
      // What comes of a token lives no longer than that does, so both are explained together.
      case "Exchange":
        return of("access", operation.token)
      case "Revoke":
        return of(operation.kind, operation.token)
      case "ClientCredentials":
        return `call ${index}`
      default:
        return undefined
    }
  }

  // A token is presented only after it was handed out: in the order of returns, where it came from is known by then.
  const byReturn = [...history.keys()].toSorted((left, right) => history[left]!.returnedAt - history[right]!.returnedAt)
  for (const index of byReturn) {
    const { answer } = history[index]!
    const part = answer?._tag === "Tokens" ? partOf(index) : undefined
    if (answer?._tag !== "Tokens" || part === undefined) continue
    grants.access.set(answer.access, part)
    if (answer.refresh !== null) grants.refresh.set(answer.refresh, part)
  }
  return history.map((_, index) => partOf(index))
}

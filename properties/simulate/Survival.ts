/**
 * Whose session must have survived, by what was asked of the servers alone, whatever they answered.
 *
 * A session ends for a reason: somebody with the right to ended it, its code was redeemed twice, or a spent refresh token
 * of it came back after its retry window, or after its successor had been presented. A reply that was lost, a crash, a
 * full disk, a stranger's attempt are no reasons.
 */
import type { Policy } from "../Model.ts"
import type { OperationOf, Ref } from "../Operation.ts"
import type { Session } from "./Cast.ts"
import type { Sent } from "./Network.ts"

/** Why `session` may be over; `undefined` when it may not. */
export const reasonToEnd = (
  { owner, grant }: Session,
  sent: ReadonlyArray<Sent>,
  isPublic: boolean,
  policy: Policy,
): string | undefined => {
  const { retryWindow, refreshIdle } = isPublic ? policy.public : policy.confidential
  const isByOwner = ({ by, authentication }: Pick<OperationOf<"Refresh">, "by" | "authentication">) =>
    by === owner.client && (isPublic ? authentication !== "wrong" : authentication === "right")

  const ended = sent.find(({ call: { operation } }) => {
    switch (operation._tag) {
      case "Revoke":
        return operation.kind === "refresh" && isByOwner(operation) && grantOf(operation.token, sent) === grant
      case "RevokeGrant":
        return operation.grant === grant
      case "EndSessions":
      case "DisableSubject":
      case "ForgetSubject":
        return operation.subject === owner.subject
      case "DeleteClient":
        return operation.client === owner.client
      default:
        return operation._tag === "RaiseIssuerEpoch"
    }
  })
  if (ended !== undefined) return `ended by ${ended.process}`

  const redemptions = sent.filter(
    ({ call: { operation } }) =>
      operation._tag === "Redeem" &&
      operation.code === grant &&
      (operation.isDevice === true || operation.verifier === "right") &&
      isByOwner(operation),
  )
  if (redemptions.length > 1) return "its code was redeemed twice"

  const refreshes = (token: Ref) =>
    sent.filter(({ call: { operation } }) => {
      return operation._tag === "Refresh" && operation.token === token && isByOwner(operation)
    })
  const times = (calls: ReadonlyArray<Sent>) => calls.flatMap(({ call }) => call.times)
  for (const token of tokensOf(grant, sent)) {
    const calls = refreshes(token)
    const successors = new Set(calls.flatMap(({ answer }) => (answer?._tag === "Tokens" ? [answer.refresh] : [])))
    const next = [...successors].flatMap((successor) => (successor === null ? [] : refreshes(successor)))
    const nextAt = Math.min(...next.map(({ invokedAt }) => invokedAt))
    const firstTime = Math.min(...times(calls))
    if (calls.some(({ endedAt }) => endedAt > nextAt)) return "a spent refresh token came after its successor"
    if (Math.max(...times(calls)) >= firstTime + retryWindow && calls.length > 1) return "a retry came too late"
    if (Math.max(...times(next), ...times(calls)) >= bornAt(token, sent) + refreshIdle) return "it was idle too long"
  }
  return undefined
}

/** The refresh tokens that were handed out for a grant. */
const tokensOf = (grant: Ref, sent: ReadonlyArray<Sent>): ReadonlyArray<Ref> => {
  const count = 1 + Math.max(-1, ...sent.map(({ answer }) => (answer?._tag === "Tokens" ? (answer.refresh ?? -1) : -1)))
  return Array.from({ length: count }, (_, token) => token).filter((token) => grantOf(token, sent) === grant)
}

const givenBy = (token: Ref, sent: ReadonlyArray<Sent>): Sent | undefined =>
  sent.find(({ answer }) => answer?._tag === "Tokens" && answer.refresh === token)

const grantOf = (token: Ref | "made up", sent: ReadonlyArray<Sent>): Ref | undefined => {
  const operation = token === "made up" ? undefined : givenBy(token, sent)?.call.operation
  if (operation?._tag === "Refresh") return grantOf(operation.token, sent)
  return operation?._tag === "Redeem" && operation.code !== "made up" ? operation.code : undefined
}

const bornAt = (token: Ref, sent: ReadonlyArray<Sent>): number => givenBy(token, sent)?.call.times[0] ?? 0

/**
 * A rule of the kit's own: asking for less at one refresh takes nothing away from the next.
 *
 * RFC 6749 6: the scope of a refresh token that takes the place of another is the same, and a refresh that names no
 * scope is for all that was granted. What was granted is taken from what the code gave, for a server may give less than
 * was asked for. One that never takes a narrower scope is not at fault for that.
 */
import type { Invariant } from "../../invariants/Invariant.ts"
import type { Model } from "../../Model.ts"
import type { Ref, Step } from "../../Operation.ts"

const lacking = (has: ReadonlyArray<string>, due: ReadonlyArray<string>): ReadonlyArray<string> =>
  due.filter((scope) => !has.includes(scope))

/** Of what was asked for, what the code gave. */
const grantedTo = ({ accessTokens, grants }: Model, grant: Ref): ReadonlyArray<string> => {
  const first = accessTokens.find((token) => token.grant === grant && token.from === null)
  return first === undefined ? [] : first.scopes.filter((scope) => grants[grant]!.scopes.includes(scope))
}

/** Whether a refresh of this grant was for less. */
const isNarrowed = (before: Model, grant: Ref): boolean => {
  const granted = grantedTo(before, grant)
  return before.accessTokens.some(
    (token) => token.grant === grant && token.from !== null && lacking(token.scopes, granted).length > 0,
  )
}

/** What a refresh with an unspent token of its client has to give, being for all that was granted or a part of it. */
const dueIn = (before: Model, { operation }: Step) => {
  if (operation._tag !== "Refresh" || operation.token === "made up") return undefined
  const { spentAt, grant } = before.refreshTokens[operation.token]!
  if (spentAt !== null || before.grants[grant]!.client !== operation.by) return undefined
  const granted = grantedTo(before, grant)
  const scopes = operation.scopes?.length ? operation.scopes : granted
  return lacking(granted, scopes).length === 0 ? { scopes, grant, isPart: scopes !== granted } : undefined
}

export const RefreshKeepsTheGrant: Invariant = {
  name: "RefreshKeepsTheGrant",
  sentence: "A refresh may be for all that was granted, however little was asked for at the one before.",
  requirements: ["OAUTH21-4.3.3-rt-scope-identical"],
  attacks: [],
  situation: "a refresh follows one that asked for less than was granted",
  isAtStake: (before, step) => {
    const due = dueIn(before, step)
    return due !== undefined && isNarrowed(before, due.grant)
  },
  onStep: (before, step) => {
    const { operation, reply } = step
    const due = dueIn(before, step)
    if (due === undefined || operation._tag !== "Refresh") return undefined
    const isRefused = reply._tag === "Refused" && reply.error === "invalid_scope" && isNarrowed(before, due.grant)
    const given = reply._tag === "Tokens" && !due.isPart ? reply.scopes : isRefused ? [] : due.scopes
    const missing = lacking(given, due.scopes)
    return missing.length === 0
      ? undefined
      : `refresh token ${operation.token} gives no ${missing.join(" ")} any more, which was granted`
  },
}

/**
 * Redeeming codes and refreshing tokens: what is shown is loaded, looked at as a handler does, and exchanged.
 *
 * Nothing is judged on the provider's behalf but what it was found to leave to its handler (`Handler.ts`). What is given
 * too late is remarked on; whether anything should be given at all is for whoever judges the reply.
 */
import type { OperationOf, Reply } from "../../Operation.ts"
import { challengeOf } from "../../Secrets.ts"
import type { Dealings } from "./Dealings.ts"
import { SECOND_MILLIS } from "./Ends.ts"
import { refusesCode, refusesRefresh } from "./Handler.ts"
import { FOREIGN_URI, resourceMember } from "./Login.ts"
import { recordMannerOf, redirectMissOf, verifierMissOf, type Manner } from "./Manner.ts"
import { members, textsIn } from "./Members.ts"
import { proofOf } from "./Proof.ts"
import type { Remark } from "./Records.ts"
import type { Tokens } from "./Tokens.ts"

/** A code is for minutes (RFC 6749 4.1.2); one of which no end is kept has this long. */
const LONGEST_CODE_MILLIS = 86_400_000

const refuse = (by: "load" | "handler"): Reply => ({ _tag: "Refused", error: "invalid_grant", by })

export const exchangesOn = (dealings: Dealings, tokens: Tokens) => {
  const { provider, exchange, clock, theirs, ours, hasOneResource, duties, policy } = dealings
  const { clientAt, holder, records, issued, origins } = dealings
  /** By code: what its redemption gave. */
  const granted = new Map<string, ReadonlyArray<string>>()

  /** Who judges the verifier itself has no handler to judge when a thing has ended. */
  const remarkOnLateness = (method: string, end: number | undefined, remark: Remark): void => {
    if (end === undefined || clock.now() < end || duties.verifier) return
    const late = (clock.now() - end) / SECOND_MILLIS
    const when = late === 0 ? "at" : `${late} s after`
    remark("ExpiryIsExact", `${method} gives tokens ${when} the end that its provider's record tells`)
  }

  /** What is shown for a code; where it is wrong, in the manner that was asked for. */
  const shownFor = (operation: OperationOf<"Redeem">, manner: Manner | undefined) => {
    const right = holder.textOf("verifier", operation.code)
    const { code, verifier, redirectUri, scopes } = holder.redemptionOf(operation, FOREIGN_URI)
    const another = [...issued].findLast(([text]) => text !== code)?.[1].verifier
    const proving = { verifier: right, challenge: challengeOf(right), another }
    const wrongVerifier = operation.verifier === "wrong" ? verifierMissOf(manner, proving) : undefined
    const isElsewhere = operation.redirectUri === "wrong"
    const wrongUri = isElsewhere ? redirectMissOf(manner, holder.textOf("redirectUri", operation.code)) : undefined
    return { code, wanted: scopes, codeVerifier: wrongVerifier ?? verifier, redirectUri: wrongUri ?? redirectUri }
  }

  const redeem = async (
    operation: OperationOf<"Redeem">,
    manner: Manner | undefined,
    remark: Remark,
  ): Promise<Reply> => {
    const { by, resources, key } = operation
    const { code, wanted, ...proof } = shownFor(operation, manner)
    const handedIn = await records.take("code", clientAt(by), code, recordMannerOf(manner), remark)
    if (handedIn === undefined) return refuse("load")
    const { record, end } = handedIn
    const shown = { ...proof, ...resourceMember(theirs(resources), hasOneResource), key }
    if (refusesCode(duties, members(record), shown, clock.now())) return refuse("handler")
    const given = await exchange("exchangeAuthorizationCode", () =>
      provider().exchangeAuthorizationCode(clientAt(by), record, proofOf(shown)),
    )
    const { scopes } = members(record)
    // RFC 6749 5.1: what is not said is what was asked for.
    const asked = scopes === undefined ? (wanted ?? policy.defaultScopes) : ours(scopes)
    const reply = await tokens.take(given, code, asked, remark)
    if (reply._tag !== "Tokens") return reply
    granted.set(code, reply.scopes)
    remarkOnLateness("exchangeAuthorizationCode", end, remark)
    if (clock.now() - (issued.get(code)?.at ?? Infinity) > LONGEST_CODE_MILLIS) {
      remark("ExpiryIsExact", "a code still gives tokens more than a day after it was issued")
    }
    return reply
  }

  const refresh = async (
    { by, token, scopes, resources, key }: OperationOf<"Refresh">,
    manner: Manner | undefined,
    remark: Remark,
  ): Promise<Reply> => {
    const text = holder.textOf("refresh", token)
    const handedIn = await records.take("refresh", clientAt(by), text, recordMannerOf(manner), remark)
    if (handedIn === undefined) return refuse("load")
    const { record, end } = handedIn
    if (refusesRefresh(duties, members(record), clock.now())) return refuse("handler")
    const grant = origins.get(text)?.grant ?? ""
    const known = members(record)["scopes"]
    const asked = scopes?.length ? theirs(scopes)! : textsIn(known)
    const proof = proofOf({ ...resourceMember(theirs(resources), hasOneResource), key })
    const given = await exchange("exchangeRefreshToken", () =>
      provider().exchangeRefreshToken(clientAt(by), record, asked, proof),
    )
    const meant = asked.length === 0 && known === undefined ? (granted.get(grant) ?? []) : ours(asked)
    const reply = await tokens.take(given, grant, meant, remark)
    if (reply._tag !== "Tokens") return reply
    remarkOnLateness("exchangeRefreshToken", end, remark)
    // One that is not rotated may live longer by being used.
    if (reply.refresh === token) records.forget(text)
    return reply
  }

  return { redeem, refresh }
}

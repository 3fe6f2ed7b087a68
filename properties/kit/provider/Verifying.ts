/**
 * Showing an access token to whoever guards a resource: whose it is, what for, and until when, by the record that the
 * provider gives.
 *
 * A record that tells another end than the token came with is remarked on. It never judges whether the token should be
 * alive.
 */
import type { OperationOf, Ref, Reply } from "../../Operation.ts"
import { Nonsense } from "./Calls.ts"
import type { Dealings } from "./Dealings.ts"
import { endIn, SECOND_MILLIS } from "./Ends.ts"
import type { Manner } from "./Manner.ts"
import { members } from "./Members.ts"
import { remarkOnEnd, type Remark } from "./Records.ts"

/** What rounding explains, of a time that is told twice. */
const ROUNDING_MILLIS = 2000

export const verifyOn = ({ provider, ask, clock, ours, clients, holder, origins }: Dealings) => {
  const subjects = new Map<string, string>()

  /** Who signs in is the provider's affair; that it is another one later is not. */
  const subjectOf = (grant: string, subject: string): Ref => {
    if (!subjects.has(grant)) subjects.set(grant, subject)
    return subjects.get(grant) === subject ? 0 : 1
  }

  /** A provider may say "no" by throwing, as an SDK's verifier does. */
  return async ({ token }: OperationOf<"Verify">, manner: Manner | undefined, remark: Remark): Promise<Reply> => {
    const text = holder.textOf("access", token)
    const method = manner === "through loadAccessToken" ? "loadAccessToken" : "verifyToken"
    const record = await ask(method, () => provider()[method](text))
    if (!record) return { _tag: "Inactive" }
    remarkOnEnd(method, record, remark)
    const { clientId, scopes, resource, subject } = members(record)
    // By another clock it speaks of another time.
    const end = clock.isTurned ? endIn(record).end : undefined
    // Whoever loads a record reads in it when it ended.
    if (method === "loadAccessToken" && end !== undefined && end <= clock.now()) return { _tag: "Inactive" }
    const client = [...clients].find(([, { client_id }]) => client_id === clientId)?.[0]
    if (client === undefined) throw new Nonsense(`${method} gave the record of an unknown client`)
    const { grant = "", expiresAt: told = Infinity } = origins.get(text) ?? {}
    if (end !== undefined && Math.abs(end - told) > ROUNDING_MILLIS && Number.isFinite(told)) {
      const apart = `${Math.abs(end - told) / SECOND_MILLIS} s ${end > told ? "later" : "earlier"}`
      remark("ExpiryIsExact", `an access token ends ${apart} by the record that ${method} gives than by \`expires_in\``)
    }
    return {
      _tag: "Active",
      client,
      subject: typeof subject === "string" ? subjectOf(grant, subject) : null,
      scopes: ours(scopes),
      resources: ours(resource),
      expiresAt: end ?? told,
    }
  }
}

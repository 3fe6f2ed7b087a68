/**
 * Getting codes: somebody logs in for a client, and the code that comes back is known to be that client's.
 *
 * Hundreds of others may come and go first (`Others.ts`): what becomes of everybody else's meanwhile is remarked on. What
 * a login leads through is `Login.ts`'s affair; which codes should be given is never judged.
 */
import type { OperationOf, Reply } from "../../Operation.ts"
import { NothingCanBeGuessed } from "../judging/NothingCanBeGuessed.ts"
import type { Dealings } from "./Dealings.ts"
import { logIn, type Approve } from "./Login.ts"
import { redirectMissOf, type Manner } from "./Manner.ts"
import { otherOn, othersComeAndGo } from "./Others.ts"
import type { Remark } from "./Records.ts"

/** `followLogin` leads through the pages that are between a request and its code. */
export const approveOn = (dealings: Dealings, followLogin: Approve | undefined) => {
  const { provider, ask, clock, words, hasOneResource, idOf, clients, clientAt, uris, registered } = dealings
  const { holder, records, issued } = dealings
  const page = { words, hasOneResource, registered, approve: followLogin, ask }

  const letOthersBy = async (operation: OperationOf<"Approve">, remark: Remark): Promise<void> => {
    const way = { ...page, redirectUri: uris[operation.redirectUri], manner: undefined, remark: () => {} }
    const other = otherOn(provider(), ask, {
      information: (number) => ({ ...clientAt(operation.client), client_id: idOf(`other-${number}`) }),
      logIn: (client) => logIn(provider(), client, operation, way),
    })
    const at = clock.isTurned ? clock.now() : undefined
    const faults = await othersComeAndGo(other, clientAt(operation.client), at)
    for (const fault of faults) remark(NothingCanBeGuessed.name, fault)
    const users = new Set([...issued.values()].map(({ owner }) => owner.client_id))
    for (const [ref, { client_id }] of clients) {
      if (!users.has(client_id) || (await ask("getClient", () => provider().getClient(client_id)))) continue
      remark("OnlyTheOwnerCanHarm", `client ${ref} is not known any more, and others only registered and logged in`)
    }
  }

  return async (operation: OperationOf<"Approve">, manner: Manner | undefined, remark: Remark): Promise<Reply> => {
    if (manner === "while hundreds of others come and go") await letOthersBy(operation, remark)
    const { grant, client } = operation
    const redirectUri = redirectMissOf(manner, registered.at(-1)!) ?? uris[operation.redirectUri]
    const given = await logIn(provider(), clientAt(client), operation, { ...page, redirectUri, manner, remark })
    if ("_tag" in given) return given
    holder.keepCode(grant, given)
    issued.set(given.code, { owner: clientAt(client), verifier: given.verifier, at: clock.now() })
    await records.own("code", given.code, clientAt(client), remark)
    return { _tag: "Code", grant }
  }
}

/**
 * Revoking a token as its client: it is loaded, and what is the client's own is handed in.
 *
 * What is not known counts as revoked, and what is another client's is left alone, as handlers do (RFC 7009 2.2). It never
 * looks at what a revocation ends.
 */
import type { OAuthClientInformationFull } from "../../../src/provider/index.ts"
import type { OperationOf, Reply } from "../../Operation.ts"
import type { Dealings } from "./Dealings.ts"
import { members } from "./Members.ts"
import type { Remark } from "./Records.ts"

export const revokeOn = ({ provider, ask, clientAt, holder, records }: Dealings) => {
  const load = (kind: "access" | "refresh", caller: OAuthClientInformationFull, text: string, remark: Remark) =>
    kind === "refresh"
      ? records.load("refresh", caller, text, remark)
      : ask("loadAccessToken", () => provider().loadAccessToken(text))

  return async ({ by, kind, token }: OperationOf<"Revoke">, remark: Remark): Promise<Reply> => {
    const caller = clientAt(by)
    const { handled } = provider()
    if (handled !== undefined) {
      if (handled.revoke === undefined) return { _tag: "Refused", error: "invalid_request" }
      await ask("revokeToken", () => handled.revoke!(caller, holder.textOf(kind, token)))
      return { _tag: "Done" }
    }
    const record = await load(kind, caller, holder.textOf(kind, token), remark)
    if (!record || members(record)["clientId"] !== caller.client_id) return { _tag: "Done" }
    await ask("revokeToken", () => provider().revokeToken(record))
    return { _tag: "Done" }
  }
}

/** What devices ask for, and what somebody says to it, by a server's own operations (RFC 8628). */
import { Effect } from "effect"
import type { AuthorizationServer } from "../../src/provider/AuthorizationServer.ts"
import type { Failure } from "../../src/provider/TokenRequests.ts"
import type { Holder } from "../Holder.ts"
import type { OperationOf, Ref, Reply } from "../Operation.ts"
import { shownBy } from "./Credentials.ts"
import { approvalOf } from "./Requests.ts"

/** A device of that client asks for what there is by default, with the proof that its client has. */
export const askAsDevice = (server: AuthorizationServer, holder: Holder, client: Ref) =>
  server.requestDevice({ credentials: shownBy(server, holder, { by: client, authentication: "right" }).credentials })

/** The user code that leads to a request: of one that was answered the old one, else of one that a device asks for now. */
const userCodeFor = (
  server: AuthorizationServer,
  holder: Holder,
  { grant, client }: { readonly grant: Ref; readonly client: Ref },
) =>
  Effect.gen(function* () {
    const known = holder.known("userCode", grant)
    if (known !== undefined) return { userCode: known, keep: () => {} }
    if (grant < holder.countOf("grant")) return { userCode: holder.textOf("userCode", grant), keep: () => {} }
    const asked = yield* askAsDevice(server, holder, client)
    return { userCode: asked.userCode, keep: () => keepAsked(holder, grant, asked) }
  })

/** Where a code names its grant. */
const [GRANT_ID_FROM, GRANT_ID_TO] = [4, 26]

/** What a device was given is of the request with this number. */
export const keepAsked = (
  holder: Holder,
  grant: Ref,
  { userCode, deviceCode }: { readonly userCode: string; readonly deviceCode: string },
): void => {
  holder.put("userCode", grant, userCode)
  holder.put("code", grant, deviceCode)
  holder.put("grant", grant, deviceCode.slice(GRANT_ID_FROM, GRANT_ID_TO))
}

export const approveDevice = (
  server: AuthorizationServer,
  holder: Holder,
  operation: OperationOf<"Approve">,
): Effect.Effect<Reply, Failure> =>
  Effect.gen(function* () {
    const { grant, scopes, resources } = operation
    const { userCode, keep } = yield* userCodeFor(server, holder, operation)
    const approval = approvalOf(server, holder, operation)
    yield* server.devices.approve({ userCode, approval, scopes, resources: resources ?? [] })
    keep()
    return { _tag: "Code", grant }
  })

export const denyDevice = (
  server: AuthorizationServer,
  holder: Holder,
  operation: OperationOf<"Deny">,
): Effect.Effect<Reply, Failure> =>
  Effect.gen(function* () {
    const { userCode, keep } = yield* userCodeFor(server, holder, operation)
    yield* server.devices.deny({ userCode, subjectId: holder.textOf("subject", operation.subject) })
    keep()
    return { _tag: "Done" }
  })

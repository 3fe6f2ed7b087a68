/** Devices over the wire: they ask and poll; what somebody answers goes in by the back. */
import { Effect } from "effect"
import { DEVICE_CODE_GRANT, readUserCode } from "../../../../src/protocol/index.ts"
import { parseToken, type Failure } from "../../../../src/provider/index.ts"
import { policy } from "../../../../properties/Opening.ts"
import type { OperationOf, Ref, Reply } from "../../../../properties/Operation.ts"
import { approvalOf } from "../../../../properties/perform/Requests.ts"
import { asClient, refusal, tokens, WATCHED, watched, type By, type Caller } from "./Caller.ts"

interface Given {
  readonly deviceCode: string
  readonly userCode: string
}

/** What a device is given that asks for what there is by default, with the proof that its client has; or why nothing. */
const asked = async (caller: Caller, client: Ref): Promise<Given | Reply> => {
  const got = await asClient(caller, "/device_authorization", { by: client, authentication: "right" }, {})
  const { status, body } = got
  if (status !== 200) return refusal(got)
  return { deviceCode: String(body["device_code"]), userCode: readUserCode(String(body["user_code"]))! }
}

const answer = async (
  caller: Caller,
  operation: OperationOf<"Approve" | "Deny">,
  say: (userCode: string) => Effect.Effect<unknown, Failure>,
): Promise<Reply> => {
  const { grant, client } = operation
  const { holder } = caller
  const isNew = grant >= holder.countOf("grant")
  const given = isNew ? await asked(caller, client) : undefined
  if (given !== undefined && "_tag" in given) return given
  const userCode = given?.userCode ?? holder.textOf("userCode", isNew ? "made up" : grant)
  const refused = await Effect.runPromise(
    Effect.match(say(userCode), { onFailure: refusalOf, onSuccess: () => undefined }),
  )
  if (refused !== undefined) return refused
  if (given !== undefined) {
    holder.put("userCode", grant, given.userCode)
    holder.put("code", grant, given.deviceCode)
    holder.put("grant", grant, parseToken(given.deviceCode)!.grantId)
  }
  return operation._tag === "Approve" ? { _tag: "Code", grant } : { _tag: "Done" }
}

const refusalOf = (failure: Failure): Reply =>
  failure._tag === "OAuthError" ? { _tag: "Refused", error: failure.error } : { _tag: "Unavailable" }

export const approveDevice = (caller: Caller, operation: OperationOf<"Approve">): Promise<Reply> =>
  answer(caller, operation, (userCode) => {
    const { native } = caller.running
    const { scopes, resources } = operation
    const wanted = [...(resources ?? [policy.defaultResource!]), WATCHED]
    return native.devices.approve({
      userCode,
      approval: approvalOf(native, caller.holder, operation),
      scopes,
      resources: wanted,
    })
  })

export const denyDevice = (caller: Caller, operation: OperationOf<"Deny">): Promise<Reply> =>
  answer(caller, operation, (userCode) =>
    caller.running.native.devices.deny({ userCode, subjectId: caller.holder.textOf("subject", operation.subject) }),
  )

/** A device that asks with its code, once or twice at once; with one that waits, it has just been given that. */
export const redeemDevice = async (caller: Caller, operation: OperationOf<"Redeem">): Promise<Reply> => {
  const { code, waits, resources } = operation
  const given = waits === undefined ? undefined : await asked(caller, waits.client)
  if (given !== undefined && "_tag" in given) return given
  const device_code = given?.deviceCode ?? caller.holder.textOf("code", waits === undefined ? code : "made up")
  const by: By = operation
  const ask = () => tokens(caller, by, { grant_type: DEVICE_CODE_GRANT, device_code, resource: watched(resources) })
  if (waits?.isHasty === true) await ask()
  return ask()
}
